package dev.skep.cli.session;

import java.util.concurrent.Callable;

/** A command: does its work through the session; every failure is an exception. */
public abstract class SessionCommand implements Callable<Integer> {
  protected final Session session;

  protected SessionCommand(Session session) {
    this.session = session;
  }

  protected abstract void run() throws Exception;

  @Override
  public final Integer call() throws Exception {
    run();
    return 0;
  }
}
