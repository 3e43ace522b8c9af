package dev.skep.cli.quotas;

import dev.skep.cli.outcome.CliException;
import dev.skep.cli.parse.Cpu;
import dev.skep.cli.parse.Memory;
import dev.skep.v1.QuotaLimit;
import dev.skep.v1.QuotaResource;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToLongFunction;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** A limit for each resource, as people write it. */
final class LimitOptions {
  @Option(names = "--services", paramLabel = "N", description = "Services, stopped ones too.")
  @Nullable String services;

  @Option(names = "--replicas", paramLabel = "N", description = "Replicas of all services.")
  @Nullable String replicas;

  @Option(names = "--cpu", paramLabel = "CORES", description = "Cores that they reserve: 8, 500m.")
  @Nullable String cpu;

  @Option(names = "--memory", paramLabel = "SIZE", description = "Memory that they reserve: 16GiB.")
  @Nullable String memory;

  @Option(names = "--storage", paramLabel = "SIZE", description = "Volumes, 10 GiB each.")
  @Nullable String storage;

  @Option(names = "--secrets", paramLabel = "N", description = "Secrets.")
  @Nullable String secrets;

  @Option(names = "--builds", paramLabel = "N", description = "Builds at the same time.")
  @Nullable String builds;

  @Option(names = "--ports", paramLabel = "N", description = "Ports of workers.")
  @Nullable String ports;

  @Option(names = "--api-requests", paramLabel = "N", description = "Calls in a minute.")
  @Nullable String apiRequests;

  List<QuotaLimit> read() {
    var limits = new ArrayList<QuotaLimit>();
    add(limits, QuotaResource.QUOTA_RESOURCE_SERVICES, services, LimitOptions::number);
    add(limits, QuotaResource.QUOTA_RESOURCE_REPLICAS, replicas, LimitOptions::number);
    add(limits, QuotaResource.QUOTA_RESOURCE_CPU, cpu, Cpu::parseMillis);
    add(limits, QuotaResource.QUOTA_RESOURCE_MEMORY, memory, Memory::parse);
    add(limits, QuotaResource.QUOTA_RESOURCE_STORAGE, storage, Memory::parse);
    add(limits, QuotaResource.QUOTA_RESOURCE_SECRETS, secrets, LimitOptions::number);
    add(limits, QuotaResource.QUOTA_RESOURCE_BUILDS, builds, LimitOptions::number);
    add(limits, QuotaResource.QUOTA_RESOURCE_PORTS, ports, LimitOptions::number);
    add(limits, QuotaResource.QUOTA_RESOURCE_API_REQUESTS, apiRequests, LimitOptions::number);
    return limits;
  }

  private static void add(
      List<QuotaLimit> limits,
      QuotaResource resource,
      @Nullable String text,
      ToLongFunction<String> parse) {
    if (text != null) {
      var limit = QuotaLimit.newBuilder().setResource(resource);
      if (!text.strip().equals("unlimited")) {
        limit.setLimit(parse.applyAsLong(text));
      }
      limits.add(limit.build());
    }
  }

  private static long number(String text) {
    try {
      return Long.parseLong(text.strip());
    } catch (NumberFormatException e) {
      throw CliException.usage("'" + text + "' is not a number", "write it like 50, or unlimited");
    }
  }
}
