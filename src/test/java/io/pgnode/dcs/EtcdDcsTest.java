package io.pgnode.dcs;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.testing.RealEtcd;
import java.time.Duration;
import java.util.List;
import java.util.function.BooleanSupplier;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against a real etcd. */
class EtcdDcsTest extends DcsContract {
    private static @Nullable RealEtcd started;

    private static RealEtcd etcd() {
        return requireNonNull(started);
    }

    @BeforeAll
    static void startEtcd() {
        started = RealEtcd.start();
    }

    @AfterAll
    static void stopEtcd() {
        etcd().close();
    }

    @Override
    Dcs connect() {
        return new EtcdDcs(EtcdSettings.plain(etcd().endpoint()));
    }

    @Override
    void await(Duration atMost, BooleanSupplier condition) {
        awaitReally(atMost, condition);
    }

    static void awaitReally(Duration atMost, BooleanSupplier condition) {
        try {
            Awaitility.await()
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(5))
                    .pollInSameThread()
                    .atMost(atMost)
                    .until(condition::getAsBoolean);
        } catch (ConditionTimeoutException e) {
            // The assertion that follows says what is missing.
        }
    }

    @Override
    void hang() {
        etcd().pause();
    }

    @Override
    void unhang() {
        etcd().resume();
    }

    @Override
    void restart() {
        etcd().restart();
    }

    @Test
    void etcdctlSeesWhatWeWrite() {
        get(
                connect()
                        .txn(
                                new Dcs.Txn(List.of(), List.of(new Dcs.Op.Put("/seen", "yes", 0))),
                                TIMEOUT));

        assertThat(etcd().etcdctl("get", "/seen")).isEqualTo("/seen\nyes\n");
    }
}
