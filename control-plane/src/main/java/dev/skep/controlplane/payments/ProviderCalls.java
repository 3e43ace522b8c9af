package dev.skep.controlplane.payments;

import dev.skep.controlplane.kernel.Reason;
import dev.skep.controlplane.kernel.Refusal;
import io.github.resilience4j.circuitbreaker.CallNotPermittedException;
import io.github.resilience4j.circuitbreaker.CircuitBreaker;
import io.github.resilience4j.circuitbreaker.CircuitBreakerConfig;
import io.github.resilience4j.retry.Retry;
import io.github.resilience4j.retry.RetryConfig;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls to one provider: once more when nobody answers, and none for a while after many such. All
 * of them may be made twice: they read, or carry a key that the provider knows them by.
 */
final class ProviderCalls {
  /** Together with the deadline of each, less than what a caller of ours waits. */
  private static final int ATTEMPTS = 2;

  private static final Duration PAUSE = Duration.ofMillis(200);
  private static final int LAST_CALLS = 20;
  private static final Duration REST = Duration.ofSeconds(15);

  private static final Logger log = LoggerFactory.getLogger(ProviderCalls.class);

  private final Provider provider;
  private final Function<Exception, RuntimeException> translate;
  private final CircuitBreaker breaker;
  private final Retry retry;

  /**
   * {@code translate}: what a failure means, a {@link ProviderRefused} or an {@link Unreachable}.
   */
  ProviderCalls(Provider provider, Function<Exception, RuntimeException> translate) {
    this.provider = provider;
    this.translate = translate;
    this.breaker =
        CircuitBreaker.of(
            provider.word(),
            CircuitBreakerConfig.custom()
                .slidingWindowSize(LAST_CALLS)
                .minimumNumberOfCalls(LAST_CALLS / 2)
                .waitDurationInOpenState(REST)
                .recordExceptions(Unreachable.class)
                .ignoreExceptions(ProviderRefused.class)
                .build());
    this.retry =
        Retry.of(
            provider.word(),
            RetryConfig.custom()
                .maxAttempts(ATTEMPTS)
                .waitDuration(PAUSE)
                .retryExceptions(Unreachable.class)
                .build());
  }

  /** Nobody knows what came of a call. */
  static final class Unreachable extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Unreachable(String message, Throwable cause) {
      super(message, cause);
    }
  }

  /**
   * The answer.
   *
   * @throws Refusal PROVIDER_UNREACHABLE
   */
  <T> T call(Callable<T> call) {
    try {
      return retry.executeSupplier(() -> breaker.executeSupplier(() -> translated(call)));
    } catch (Unreachable e) {
      log.warn("{} does not answer as it should: {}", provider.shown(), e.getMessage());
      throw unreachable();
    } catch (CallNotPermittedException e) {
      throw unreachable();
    }
  }

  private <T> T translated(Callable<T> call) {
    try {
      return call.call();
    } catch (ProviderRefused e) {
      throw e;
    } catch (Exception e) {
      throw translate.apply(e);
    }
  }

  private Refusal unreachable() {
    return new Refusal(
        Reason.PROVIDER_UNREACHABLE,
        provider.shown() + " does not answer; nothing was changed here, try again in a minute");
  }
}
