package dev.skep.agent.task;

import java.util.Map;
import java.util.Optional;

/**
 * What a placement stands on.
 *
 * @param network empty when it is not there
 * @param secrets of ours that are there, by name
 */
public record Ground(Optional<Observed.Network> network, Map<String, Observed.Secret> secrets) {}
