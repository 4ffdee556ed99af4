package io.pgnode.gateway.route.core;

import java.time.Duration;

/**
 * The health of one member for one check, with hysteresis: HAProxy's counter of {@code 0..rise +
 * fall - 1}, up from {@code rise} on. Its very first answer counts at once.
 *
 * <p>An answer that says no leads to {@link Condition#DOWN}; silence only to {@link
 * Condition#DOUBTFUL} when it was up before. Not thread-safe.
 */
public final class Health {
    private CheckTimes times;
    private Condition condition = Condition.DOWN;
    private boolean isKnown;
    private int health;
    private long failures;
    private CheckReport report = CheckReport.NONE;

    public Health(CheckTimes times) {
        this.times = times;
    }

    /** From now on these count; what is known stays. */
    public void times(CheckTimes wanted) {
        boolean isUp = health >= times.rise();
        times = wanted;
        health = isUp ? top() : 0;
    }

    /** It answered that it has the role. */
    public void accepted(String status, int code, long millis) {
        if (!isKnown) {
            health = top();
        } else {
            health = Math.min(health + 1, top());
        }
        if (health >= times.rise()) {
            condition = Condition.UP;
            health = top();
        }
        isKnown = true;
        describe(status, code, millis, "");
    }

    /** It answered that it does not have the role. */
    public void refused(String status, int code, long millis) {
        failed(Condition.DOWN);
        describe(status, code, millis, "");
    }

    /** It did not answer, or nothing that makes sense. */
    public void silent(String status, long millis, String description) {
        failed(condition == Condition.DOWN ? Condition.DOWN : Condition.DOUBTFUL);
        describe(status, 0, millis, description);
    }

    private void failed(Condition then) {
        boolean wasUp = health >= times.rise();
        if (wasUp) {
            failures++;
            health--;
        }
        if (health < times.rise()) {
            health = 0;
            // A refusal is knowledge at once when doubt has already lasted for so long.
            condition = then;
        }
        isKnown = true;
    }

    private int top() {
        return times.rise() + times.fall() - 1;
    }

    private void describe(String status, int code, long millis, String description) {
        report =
                new CheckReport(
                        status,
                        code,
                        millis,
                        description,
                        times.rise(),
                        times.fall(),
                        health,
                        failures);
    }

    public Condition condition() {
        return condition;
    }

    public boolean isKnown() {
        return isKnown;
    }

    public CheckReport report() {
        return report;
    }

    /** Until the next check. */
    public Duration pause() {
        if (health == top()) {
            return times.inter();
        }
        return health == 0 ? times.down() : times.fast();
    }
}
