package dev.skep.bench;

import dev.skep.v1.ServiceSpec;

/** The same through the platform: its API, its leader, its agent. */
final class OurSide implements Side {
  private final Api api;
  private final AgentProcess agent;
  private final ServiceSpec spec;

  OurSide(Api api, AgentProcess agent, ServiceSpec spec) {
    this.api = api;
    this.agent = agent;
    this.spec = spec;
  }

  @Override
  public String title() {
    return "ours";
  }

  @Override
  public void prepare() {
    agent.thaw();
  }

  @Override
  public void create(String name) {
    api.create(name, spec);
  }

  @Override
  public void remove(String name) {
    api.delete(name);
  }
}
