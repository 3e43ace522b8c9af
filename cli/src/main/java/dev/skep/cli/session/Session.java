package dev.skep.cli.session;

import com.google.protobuf.MessageOrBuilder;
import dev.skep.cli.client.Connection;
import dev.skep.cli.config.ConfigFile;
import dev.skep.cli.config.TargetResolver;
import dev.skep.cli.format.Json;
import dev.skep.cli.format.Table;
import dev.skep.cli.outcome.CliException;
import dev.skep.client.SkepClient;
import java.time.InstantSource;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One invocation: what the user gave, where answers go, and the connection once it is needed. */
public final class Session implements AutoCloseable {
  private static final int DEFAULT_WIDTH = 80;

  private final GlobalOptions options;
  private final Map<String, String> environment;
  private final Streams streams;
  private final InstantSource clock;
  private @Nullable SkepClient connection;

  public Session(
      GlobalOptions options,
      Map<String, String> environment,
      Streams streams,
      InstantSource clock) {
    this.options = options;
    this.environment = environment;
    this.streams = streams;
    this.clock = clock;
  }

  public GlobalOptions options() {
    return options;
  }

  public Map<String, String> environment() {
    return environment;
  }

  public InstantSource clock() {
    return clock;
  }

  public ConfigFile configFile() {
    return ConfigFile.locate(environment);
  }

  public SkepClient controlPlane() {
    if (connection == null) {
      var resolver = new TargetResolver(environment, configFile());
      connection = Connection.open(resolver.resolve(options.flags()));
    }
    return connection;
  }

  /** Runs calls; their refusals become messages. */
  public <T> T call(Supplier<T> calls) {
    return Connection.call(controlPlane(), calls);
  }

  /** The answer of a command: JSON for programs, or a text that is made only when it is shown. */
  public void answer(MessageOrBuilder response, Supplier<String> text) {
    streams.out().print(options.json() ? Json.render(response) + "\n" : text.get());
  }

  public void answerTable(MessageOrBuilder response, Supplier<Table> table) {
    answer(response, () -> table.get().render(width()));
  }

  public void print(String line) {
    streams.out().println(line);
  }

  /** What happens on the way: never part of the answer. */
  public void progress(String line) {
    streams.err().println(line);
  }

  public int width() {
    var columns = environment.getOrDefault("COLUMNS", "");
    return columns.matches("\\d{2,4}") ? Math.max(40, Integer.parseInt(columns)) : DEFAULT_WIDTH;
  }

  /** Asks a person to type the name of what is about to go; programs say {@code --force}. */
  public void confirm(String kind, String name, boolean forced) {
    if (forced) {
      return;
    }
    if (!streams.interactive().getAsBoolean()) {
      throw CliException.usage(
          "removing " + kind + " " + name + " needs a confirmation", "say it with --force");
    }
    streams.err().print("This removes " + kind + " " + name + " for good. Type its name: ");
    streams.err().flush();
    if (!streams.readLine().equals(name)) {
      throw CliException.usage("the names differ; nothing was removed");
    }
  }

  /** Asks a person, or reads the next line of standard input. */
  public String ask(String question) {
    prompt(question);
    return required(question, streams.readLine());
  }

  /** Like {@link #ask}; what a person types is not shown. */
  public String askSecret(String question) {
    prompt(question);
    return required(question, isInteractive() ? streams.hidden().get() : streams.readLine());
  }

  /** Asks for a new secret, a person twice. */
  public String askNewSecret(String question) {
    var secret = askSecret(question);
    if (isInteractive() && !askSecret("Again").equals(secret)) {
      throw CliException.usage("the two differ; nothing was changed");
    }
    return secret;
  }

  public boolean isInteractive() {
    return streams.interactive().getAsBoolean();
  }

  private void prompt(String question) {
    if (isInteractive()) {
      streams.err().print(question + ": ");
      streams.err().flush();
    }
  }

  private static String required(String question, String answer) {
    if (answer.isEmpty()) {
      throw CliException.usage(question + " is missing", "standard input has one answer a line");
    }
    return answer;
  }

  /** A secret from standard input: its first line. */
  public String readSecret() {
    var line = streams.readLine();
    if (line.isEmpty()) {
      throw CliException.usage("standard input holds no token", "pipe it in: … < token-file");
    }
    return line;
  }

  /** Standard input as it is, but for a person, who would have to type a value in the open. */
  public byte[] readInput(int most) {
    if (streams.interactive().getAsBoolean()) {
      throw CliException.usage("the value comes from standard input", "pipe it in: … < file");
    }
    return streams.readBytes(most);
  }

  @Override
  public void close() {
    if (connection != null) {
      connection.close();
    }
  }
}
