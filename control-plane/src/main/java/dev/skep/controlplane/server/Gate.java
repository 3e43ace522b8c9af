package dev.skep.controlplane.server;

import dev.skep.controlplane.audit.AuditTrail;
import dev.skep.controlplane.quotas.ApiRates;

/** What calls of people pass by: their number is counted, and changes are written down. */
public record Gate(ApiRates rates, AuditTrail trail) {}
