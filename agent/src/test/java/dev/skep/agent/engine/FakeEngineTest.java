package dev.skep.agent.engine;

/** The contract on the engine that other tests use. */
final class FakeEngineTest extends EngineContract {
  private final FakeEngine engine = new FakeEngine();

  FakeEngineTest() {
    engine.init("10.0.0.1");
  }

  @Override
  Engine engine() {
    return engine;
  }

  @Override
  String image() {
    return "sha256:" + "a".repeat(64);
  }

  @Override
  String published() {
    String name = "registry.example:5000/app@sha256:" + "b".repeat(64);
    engine.images.published.add(name);
    return name;
  }

  @Override
  String probeDir() {
    return "/usr/lib/skep/probe";
  }
}
