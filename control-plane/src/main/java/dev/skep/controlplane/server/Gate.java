package dev.skep.controlplane.server;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.quotas.ApiRates;
import dev.skep.controlplane.replay.CallAnswers;
import dev.skep.controlplane.tenancy.Callers;

/**
 * What calls of people pass by: who makes them is found out, their number is counted, changes are
 * written down, and those that are made again get their first answer.
 */
public record Gate(Callers callers, ApiRates rates, AuditTrail trail, CallAnswers answers) {}
