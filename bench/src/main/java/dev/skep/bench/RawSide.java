package dev.skep.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The engine alone. It gets the very spec that the agent made for a service of ours, so both sides
 * ask for the same network, resources and hardening; only the labels that the agent would recognize
 * are gone. The agent is frozen meanwhile.
 */
final class RawSide implements Side {
  private final EngineApi engine;
  private final AgentProcess agent;
  private final JsonNode model;
  private final Map<String, String> ids = new ConcurrentHashMap<>();

  /**
   * @param model the Swarm service whose spec is used
   */
  RawSide(EngineApi engine, AgentProcess agent, JsonNode model) {
    this.engine = engine;
    this.agent = agent;
    this.model = model;
  }

  @Override
  public String title() {
    return "raw";
  }

  @Override
  public void prepare() {
    agent.freeze();
  }

  @Override
  public void create(String name) {
    ids.put(name, engine.post("/services/create", spec(name)).path("ID").asText());
  }

  @Override
  public void remove(String name) {
    engine.delete("/services/" + ids.remove(name));
  }

  private JsonNode spec(String name) {
    ObjectNode spec = model.path("Spec").deepCopy();
    spec.put("Name", name);
    spec.putObject("Labels").put("bench", name);
    var template = (ObjectNode) spec.path("TaskTemplate");
    ((ObjectNode) template.path("ContainerSpec")).putObject("Labels").put("bench", name);
    ((ObjectNode) template.path("Networks").path(0)).putArray("Aliases").add(name);
    return spec;
  }
}
