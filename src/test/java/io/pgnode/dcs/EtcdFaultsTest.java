package io.pgnode.dcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.pgnode.dcs.Dcs.Event;
import io.pgnode.dcs.Dcs.Op;
import io.pgnode.dcs.Dcs.Txn;
import io.pgnode.dcs.etcd.EtcdDcs;
import io.pgnode.dcs.etcd.EtcdSettings;
import io.pgnode.model.HostPort;
import io.pgnode.testing.RealEtcd;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the contract cannot show: several endpoints, users, TLS. */
class EtcdFaultsTest {
    /** Generous: the machine may be busy. */
    private static final Duration TIMEOUT = Duration.ofSeconds(20);

    /** Of renewals while a server hangs: after a third of it another one is asked. */
    private static final Duration RENEWAL = Duration.ofSeconds(6);

    private final List<AutoCloseable> open = new ArrayList<>();

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable resource : open.reversed()) {
            resource.close();
        }
    }

    private <T extends AutoCloseable> T closing(T resource) {
        open.add(resource);
        return resource;
    }

    private static Txn put(String key, String value) {
        return new Txn(List.of(), List.of(new Op.Put(key, value, 0)));
    }

    private static <T> T get(CompletableFuture<T> future) {
        EtcdDcsTest.awaitReally(Duration.ofSeconds(60), future::isDone);
        assertThat(future).isDone();
        return future.join();
    }

    private static DcsException.Kind failure(CompletableFuture<?> future) {
        EtcdDcsTest.awaitReally(Duration.ofSeconds(60), future::isDone);
        assertThat(future).isCompletedExceptionally();
        return DcsException.of(future.exceptionNow()).kind();
    }

    private static long millis(Runnable action) {
        long before = System.nanoTime();
        action.run();
        return Duration.ofNanos(System.nanoTime() - before).toMillis();
    }

    @Test
    void hungOrDeadServerIsReplacedByAnotherOne() {
        List<RealEtcd> servers = RealEtcd.startCluster(3);
        servers.forEach(this::closing);
        Dcs dcs =
                closing(
                        new EtcdDcs(
                                EtcdSettings.plain(
                                        servers.stream()
                                                .map(RealEtcd::endpoint)
                                                .toArray(HostPort[]::new))));
        List<Event> seen = new CopyOnWriteArrayList<>();
        List<DcsException> lost = new CopyOnWriteArrayList<>();
        long revision = get(dcs.txn(put("/f/0", "0"), TIMEOUT)).revision();
        dcs.watch("/f/", revision, recorder(seen, lost));
        long lease = get(dcs.grantLease(Duration.ofSeconds(60), TIMEOUT));
        EtcdDcsTest.awaitReally(TIMEOUT, () -> seen.size() == 1);

        // The one that was asked first hangs: a renewal and a read get their answer elsewhere, in
        // time, and from then on everything goes there at once, the watch included.
        servers.get(0).pause();
        assertThat(millis(() -> get(dcs.keepAlive(lease, RENEWAL)))).isLessThan(RENEWAL.toMillis());
        get(dcs.range("/f/", TIMEOUT));
        get(dcs.txn(put("/f/1", "1"), TIMEOUT));
        EtcdDcsTest.awaitReally(TIMEOUT, () -> seen.size() == 2);
        assertThat(seen).extracting(event -> event.pair().value()).containsExactly("0", "1");
        assertThat(millis(() -> get(dcs.keepAlive(lease, RENEWAL))))
                .isLessThan(RENEWAL.toMillis() / 3);

        // It comes back, the next one dies.
        servers.get(0).resume();
        servers.get(1).kill();
        EtcdDcsTest.awaitReally(
                Duration.ofSeconds(60),
                () -> {
                    CompletableFuture<?> write = dcs.txn(put("/f/2", "2"), TIMEOUT);
                    EtcdDcsTest.awaitReally(TIMEOUT.plusSeconds(1), write::isDone);
                    return !write.isCompletedExceptionally();
                });
        EtcdDcsTest.awaitReally(
                Duration.ofSeconds(30), () -> seen.getLast().pair().value().equals("2"));
        assertThat(seen.stream().map(e -> e.pair().modRevision()))
                .isSorted()
                .doesNotHaveDuplicates();
        assertThat(lost).isEmpty();

        // Without a majority nobody can be sure of what it has, and the call ends in time.
        // (A renewal may still be answered until the leader notices.)
        servers.get(0).kill();
        assertThat(
                        millis(
                                () ->
                                        assertThat(failure(dcs.range("/f/", Duration.ofSeconds(1))))
                                                .isEqualTo(DcsException.Kind.UNKNOWN)))
                .isLessThan(4_000);
        servers.get(0).restart();
        servers.get(1).restart();
        EtcdDcsTest.awaitReally(
                Duration.ofSeconds(60),
                () -> {
                    CompletableFuture<?> renewal = dcs.keepAlive(lease, TIMEOUT);
                    EtcdDcsTest.awaitReally(TIMEOUT.plusSeconds(1), renewal::isDone);
                    return !renewal.isCompletedExceptionally();
                });
        assertThat(get(dcs.keepAlive(lease, TIMEOUT))).isEqualTo(Duration.ofSeconds(60));
    }

    @Test
    void transactionThatMayHaveArrivedIsNotSentAgain() {
        RealEtcd etcd = closing(RealEtcd.start());
        Dcs dcs = closing(new EtcdDcs(EtcdSettings.plain(etcd.endpoint(), etcd.endpoint())));
        get(dcs.txn(put("/t/n", "0"), TIMEOUT));

        etcd.pause();
        CompletableFuture<?> write = dcs.txn(put("/t/n", "1"), Duration.ofMillis(600));
        assertThat(failure(write)).isEqualTo(DcsException.Kind.UNKNOWN);
        etcd.resume();

        EtcdDcsTest.awaitReally(
                Duration.ofMillis(700),
                () -> get(dcs.range("/t/n", TIMEOUT)).pairs().getFirst().version() > 1);
        assertThat(get(dcs.range("/t/n", TIMEOUT)).pairs().getFirst().version())
                .isLessThanOrEqualTo(2);
    }

    @Test
    void unreachableEndpointIsSkippedEvenForATransaction() {
        RealEtcd etcd = closing(RealEtcd.start());
        HostPort nobody = new HostPort("127.0.0.1", RealEtcd.freePort());
        Dcs dcs = closing(new EtcdDcs(EtcdSettings.plain(nobody, etcd.endpoint())));

        assertThat(get(dcs.txn(put("/t/n", "0"), TIMEOUT)).succeeded()).isTrue();
    }

    @Test
    void callWaitsForAServerThatIsJustStarting() {
        RealEtcd etcd = closing(RealEtcd.start());
        Dcs dcs = closing(new EtcdDcs(EtcdSettings.plain(etcd.endpoint())));
        etcd.kill();
        CompletableFuture<?> write = dcs.txn(put("/t/n", "0"), Duration.ofSeconds(60));
        etcd.restart();

        get(write);
    }

    @Test
    void compactedHistoryEndsTheWatch() {
        RealEtcd etcd = closing(RealEtcd.start());
        Dcs dcs = closing(new EtcdDcs(EtcdSettings.plain(etcd.endpoint())));
        long first = get(dcs.txn(put("/c/n", "0"), TIMEOUT)).revision();
        get(dcs.txn(put("/c/n", "1"), TIMEOUT));
        long last = get(dcs.txn(put("/c/n", "2"), TIMEOUT)).revision();
        etcd.etcdctl("compaction", Long.toString(last));
        List<DcsException> lost = new CopyOnWriteArrayList<>();

        dcs.watch("/c/", first, recorder(new ArrayList<>(), lost));

        EtcdDcsTest.awaitReally(TIMEOUT, () -> !lost.isEmpty());
        assertThat(lost).hasSize(1);
        assertThat(lost.getFirst().kind()).isEqualTo(DcsException.Kind.COMPACTED);
    }

    @Test
    void usersNeedTheirPasswordAndTokensAreRenewed() {
        RealEtcd etcd = closing(RealEtcd.start("--auth-token-ttl=2"));
        etcd.etcdctl("user", "add", "root:secret");
        etcd.etcdctl("role", "add", "root");
        etcd.etcdctl("user", "grant-role", "root", "root");
        etcd.etcdctl("user", "add", "reader:secret");
        etcd.etcdctl("auth", "enable");

        Dcs dcs = closing(new EtcdDcs(settings(etcd, "root", "secret")));
        long revision = get(dcs.txn(put("/a/n", "0"), TIMEOUT)).revision();
        List<Event> seen = new CopyOnWriteArrayList<>();
        dcs.watch("/a/", revision, recorder(seen, new ArrayList<>()));
        EtcdDcsTest.awaitReally(TIMEOUT, () -> seen.size() == 1);
        etcd.restart(); // simple tokens are forgotten
        assertThat(get(dcs.txn(put("/a/n", "1"), TIMEOUT)).succeeded()).isTrue();
        assertThat(get(dcs.keepAlive(get(dcs.grantLease(Duration.ofSeconds(9), TIMEOUT)), TIMEOUT)))
                .isPositive();
        EtcdDcsTest.awaitReally(Duration.ofSeconds(30), () -> seen.size() == 2);
        assertThat(seen).hasSize(2);

        Dcs wrong = closing(new EtcdDcs(settings(etcd, "root", "wrong")));
        assertThat(failure(wrong.range("/a/", TIMEOUT))).isEqualTo(DcsException.Kind.DENIED);
        Dcs nobody = closing(new EtcdDcs(EtcdSettings.plain(etcd.endpoint())));
        assertThat(failure(nobody.range("/a/", TIMEOUT))).isEqualTo(DcsException.Kind.DENIED);
        Dcs reader = closing(new EtcdDcs(settings(etcd, "reader", "secret")));
        assertThat(failure(reader.txn(put("/a/n", "2"), TIMEOUT)))
                .isEqualTo(DcsException.Kind.DENIED);
        assertThat(settings(etcd, "root", "secret").toString()).doesNotContain("secret");
    }

    private static EtcdSettings settings(RealEtcd etcd, String user, String password) {
        return new EtcdSettings(List.of(etcd.endpoint()), user, password, null);
    }

    @Test
    void userIsIgnoredByAServerWithoutUsers() {
        RealEtcd etcd = closing(RealEtcd.start());
        Dcs dcs = closing(new EtcdDcs(settings(etcd, "root", "secret")));

        assertThat(get(dcs.txn(put("/a/n", "0"), TIMEOUT)).succeeded()).isTrue();
    }

    @Test
    void tlsWithClientCertificates(@TempDir Path directory) throws Exception {
        Path ca = directory.resolve("ca.crt");
        Path certificate = directory.resolve("node.crt");
        Path key = directory.resolve("node.key");
        certificates(directory);
        RealEtcd etcd =
                closing(
                        RealEtcd.startTls(
                                "--cert-file=" + certificate,
                                "--key-file=" + key,
                                "--trusted-ca-file=" + ca,
                                "--client-cert-auth=true"));

        Dcs dcs = closing(new EtcdDcs(tls(etcd, new EtcdSettings.Tls(ca, certificate, key))));
        assertThat(get(dcs.txn(put("/s/n", "0"), TIMEOUT)).succeeded()).isTrue();
        List<Event> seen = new CopyOnWriteArrayList<>();
        dcs.watch("/s/", 1, recorder(seen, new ArrayList<>()));
        EtcdDcsTest.awaitReally(TIMEOUT, () -> seen.size() == 1);
        assertThat(seen).hasSize(1);

        Dcs anonymous = closing(new EtcdDcs(tls(etcd, new EtcdSettings.Tls(ca, null, null))));
        assertThat(failure(anonymous.range("/s/", Duration.ofSeconds(1))))
                .isEqualTo(DcsException.Kind.UNKNOWN);
        Dcs distrustful = closing(new EtcdDcs(tls(etcd, new EtcdSettings.Tls(null, null, null))));
        assertThat(failure(distrustful.range("/s/", Duration.ofSeconds(1))))
                .isEqualTo(DcsException.Kind.UNKNOWN);
        assertThatThrownBy(() -> new EtcdDcs(tls(etcd, new EtcdSettings.Tls(key, certificate, ca))))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("HINT");
    }

    private static EtcdSettings tls(RealEtcd etcd, EtcdSettings.Tls tls) {
        return new EtcdSettings(List.of(etcd.endpoint()), null, null, tls);
    }

    private static void certificates(Path directory) throws IOException, InterruptedException {
        String extensions =
                "subjectAltName=IP:127.0.0.1,DNS:localhost\nextendedKeyUsage=serverAuth,clientAuth\n";
        Files.writeString(directory.resolve("ext"), extensions);
        openssl(
                directory,
                "ecparam",
                "-genkey",
                "-name",
                "prime256v1",
                "-noout",
                "-out",
                "ca.sec1");
        openssl(directory, "pkcs8", "-topk8", "-nocrypt", "-in", "ca.sec1", "-out", "ca.key");
        openssl(
                directory,
                "req",
                "-x509",
                "-new",
                "-key",
                "ca.key",
                "-subj",
                "/CN=test-ca",
                "-days",
                "2",
                "-out",
                "ca.crt");
        openssl(
                directory,
                "ecparam",
                "-genkey",
                "-name",
                "prime256v1",
                "-noout",
                "-out",
                "node.sec1");
        openssl(directory, "pkcs8", "-topk8", "-nocrypt", "-in", "node.sec1", "-out", "node.key");
        openssl(
                directory,
                "req",
                "-new",
                "-key",
                "node.key",
                "-subj",
                "/CN=node",
                "-out",
                "node.csr");
        openssl(
                directory,
                "x509",
                "-req",
                "-in",
                "node.csr",
                "-CA",
                "ca.crt",
                "-CAkey",
                "ca.key",
                "-CAcreateserial",
                "-days",
                "2",
                "-extfile",
                "ext",
                "-out",
                "node.crt");
    }

    private static void openssl(Path directory, String... arguments)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of("openssl"));
        command.addAll(List.of(arguments));
        Process process =
                new ProcessBuilder(command)
                        .directory(directory.toFile())
                        .redirectErrorStream(true)
                        .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(output).isZero();
    }

    private static Dcs.WatchListener recorder(List<Event> seen, List<DcsException> lost) {
        return new Dcs.WatchListener() {
            @Override
            public void onEvents(long revision, List<Event> events) {
                seen.addAll(events);
            }

            @Override
            public void onInterrupted(DcsException why) {}

            @Override
            public void onLost(DcsException why) {
                lost.add(why);
            }
        };
    }
}
