package io.pgnode.gateway.proxy;

import static io.pgnode.gateway.proxy.FakeSource.server;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.pgnode.gateway.route.Router;
import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.gateway.route.core.Condition;
import io.pgnode.gateway.route.core.RoleRule;
import io.pgnode.gateway.route.core.ServiceMode;
import io.pgnode.gateway.route.core.ServiceSpec;
import io.pgnode.gateway.stats.Counts;
import io.pgnode.gateway.stats.ServerReport;
import io.pgnode.gateway.stats.ServiceReport;
import io.pgnode.net.EventLoops;
import io.pgnode.testing.FreePorts;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class TcpProxyTest {
    private static final int READ_MILLIS = 10_000;

    private final FakeSource source = new FakeSource();
    private final EventLoops loops = new EventLoops("test-proxy", 2);
    private final Router router = Router.start(source, System::nanoTime);
    private final TcpProxy proxy =
            new TcpProxy(
                    loops,
                    router,
                    System::nanoTime,
                    new Random(1),
                    new TcpProxy.ProcessFacts("node", "1", 1, 1));
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final EchoServer a = new EchoServer("a");
    private final EchoServer b = new EchoServer("b");

    TcpProxyTest() throws IOException {}

    static ServiceSpec spec() {
        return ServiceSpec.of("svc", 1, ServiceMode.TCP, RoleRule.PRIMARY, List.of())
                .withBinds(List.of("127.0.0.1:0"));
    }

    private static ServiceSpec.Times times(Duration queue, Duration idle) {
        return new ServiceSpec.Times(
                Duration.ofSeconds(2), queue, idle, idle, Duration.ofMillis(100), Duration.ZERO);
    }

    @BeforeEach
    void oneServer() {
        source.set(server("a", a.port(), Condition.UP), server("b", b.port(), Condition.DOWN));
    }

    @AfterEach
    void closeAll() throws Exception {
        for (AutoCloseable each : opened) {
            each.close();
        }
        proxy.close();
        router.close();
        loops.close();
        a.close();
        b.close();
    }

    private Socket connect() throws IOException {
        Socket socket = new Socket(InetAddress.ofLiteral("127.0.0.1"), proxy.port("svc"));
        socket.setSoTimeout(READ_MILLIS);
        opened.add(socket);
        return socket;
    }

    private static String line(Socket socket) throws IOException {
        StringBuilder line = new StringBuilder();
        InputStream in = socket.getInputStream();
        for (int c = in.read(); c >= 0 && c != '\n'; c = in.read()) {
            line.append((char) c);
        }
        return line.toString();
    }

    private ServiceReport report() {
        return proxy.services().getFirst();
    }

    private ServerReport report(String server) {
        return report().servers().stream()
                .filter(one -> one.name().equals(server))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void passesBytesBothWaysAndCounts() throws IOException {
        proxy.add(spec());
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("a");

        socket.getOutputStream().write("hello\n".getBytes(StandardCharsets.US_ASCII));

        assertThat(line(socket)).isEqualTo("hello");
        Counts counts = report("a").counts();
        assertThat(counts.bytesIn()).isEqualTo(6);
        assertThat(counts.bytesOut()).isEqualTo(8);
        assertThat(counts.sessions()).isEqualTo(1);
        assertThat(counts.sessionsTotal()).isEqualTo(1);
        assertThat(counts.rate()).isEqualTo(1);
        assertThat(report().frontend().bytesOut()).isEqualTo(8);
        assertThat(proxy.sessions("svc")).extracting(one -> one.server()).containsExactly("a");
        socket.close();
        await().untilAsserted(() -> assertThat(report().backend().sessions()).isZero());
        assertThat(report().backend().maxSessions()).isEqualTo(1);
    }

    @Test
    void deliversWhatComesAfterTheClientsEnd() throws IOException {
        proxy.add(spec());
        assertThat(line(connect())).as("the server is known").isEqualTo("a");
        Socket socket = connect();
        socket.getOutputStream().write("last words".getBytes(StandardCharsets.US_ASCII));
        socket.shutdownOutput();

        String all =
                new BufferedReader(
                                new InputStreamReader(
                                        socket.getInputStream(), StandardCharsets.US_ASCII))
                        .readAllAsString();

        assertThat(all).isEqualTo("a\nlast words");
    }

    @Test
    void aSlowReaderHoldsTheServerBackAndGetsEverything() throws Exception {
        proxy.add(spec());
        Socket socket = connect();
        socket.getOutputStream().write('#');
        assertThat(line(socket)).isEqualTo("a");

        // Nobody reads: what the proxy has taken comes to rest far below what the server has.
        await().during(Duration.ofMillis(500))
                .atMost(Duration.ofSeconds(10))
                .until(stable(() -> report("a").counts().bytesOut()));
        assertThat(report("a").counts().bytesOut()).isLessThan(EchoServer.BULK / 2);

        socket.shutdownOutput();
        InputStream in = socket.getInputStream();
        long total = 0;
        byte[] buffer = new byte[65_536];
        for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
            total += read;
        }
        assertThat(total).isEqualTo(EchoServer.BULK);
    }

    private static java.util.concurrent.Callable<Boolean> stable(
            java.util.function.LongSupplier value) {
        long[] last = {-1};
        return () -> {
            long now = value.getAsLong();
            boolean isSame = now == last[0];
            last[0] = now;
            return isSame && now > 2;
        };
    }

    @Test
    void goesToAnotherServerWhenTheChosenOneRefuses() throws IOException {
        source.set(
                server("a", FreePorts.next(), Condition.UP), server("b", b.port(), Condition.UP));
        proxy.add(spec());

        assertThat(line(connect())).isEqualTo("b");

        await().untilAsserted(() -> assertThat(report("a").counts().connectErrors()).isEqualTo(1));
        assertThat(report("a").counts().redispatches()).isEqualTo(1);
        assertThat(report("a").counts().sessions()).isZero();
    }

    @Test
    void triesAServerAgainThatIsTheOnlyOne() throws IOException {
        source.set(server("a", FreePorts.next(), Condition.UP));
        proxy.add(spec().withTimes(times(Duration.ofSeconds(5), Duration.ofHours(1))));

        assertThat(connect().getInputStream().read()).isEqualTo(-1);

        await().untilAsserted(() -> assertThat(report().backend().sessions()).isZero());
        Counts counts = report().backend();
        assertThat(counts.connectErrors()).isEqualTo(4);
        assertThat(counts.retries()).isEqualTo(3);
    }

    @Test
    void clientsWaitForAPrimaryInsteadOfFailing() throws IOException {
        source.set(server("a", a.port(), Condition.DOWN), server("b", b.port(), Condition.DOWN));
        proxy.add(spec());
        Socket first = connect();
        Socket second = connect();
        await().untilAsserted(() -> assertThat(report().backend().queued()).isEqualTo(2));

        source.set(server("a", a.port(), Condition.DOWN), server("b", b.port(), Condition.UP));

        assertThat(line(first)).isEqualTo("b");
        assertThat(line(second)).isEqualTo("b");
        assertThat(report().backend().maxQueued()).isEqualTo(2);
    }

    @Test
    void aClientThatWaitsTooLongIsClosed() throws IOException {
        source.set();
        proxy.add(spec().withTimes(times(Duration.ofMillis(200), Duration.ofHours(1))));

        assertThat(connect().getInputStream().read()).isEqualTo(-1);
        assertThat(report().backend().refused()).isEqualTo(1);
    }

    @Test
    void queuesBeyondTheServersLimitAndRefusesBeyondTheQueues() throws IOException {
        proxy.add(spec().withLimits(new ServiceSpec.Limits(100, 1, 1, 3)));
        Socket first = connect();
        assertThat(line(first)).isEqualTo("a");
        Socket second = connect();
        await().untilAsserted(() -> assertThat(report().backend().queued()).isEqualTo(1));
        assertThat(connect().getInputStream().read()).isEqualTo(-1);

        first.close();

        assertThat(line(second)).isEqualTo("a");
    }

    @Test
    void stopsAcceptingAtTheServicesLimit() throws IOException {
        proxy.add(spec().withLimits(new ServiceSpec.Limits(1, 10, 0, 3)));
        Socket first = connect();
        assertThat(line(first)).isEqualTo("a");
        Socket second = connect(); // waits in the kernel
        assertThat(report().frontend().sessionsTotal()).isEqualTo(1);

        first.close();

        assertThat(line(second)).isEqualTo("a");
        assertThat(report().frontend().maxSessions()).isEqualTo(1);
    }

    @Test
    void sessionsOfADemotedPrimaryAreClosedAndNewOnesGoToTheNext() throws IOException {
        proxy.add(spec());
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("a");

        source.set(server("a", a.port(), Condition.DOWN), server("b", b.port(), Condition.UP));

        assertThat(ended(socket)).isTrue();
        assertThat(line(connect())).isEqualTo("b");
        await().untilAsserted(() -> assertThat(a.open.get()).isZero());
    }

    private static boolean ended(Socket socket) {
        try {
            return socket.getInputStream().read() == -1;
        } catch (IOException e) {
            return true;
        }
    }

    @Test
    void readersGoOnWhenTheirServerGoesDown() throws IOException {
        proxy.add(spec().withClosing(new ServiceSpec.Closing(false, false)));
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("a");

        source.set(server("a", a.port(), Condition.DOWN), server("b", b.port(), Condition.UP));

        await().untilAsserted(() -> assertThat(report("b").status().name()).isEqualTo("UP"));
        assertThat(line(connect())).isEqualTo("b");
        socket.getOutputStream().write("still here\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(line(socket)).isEqualTo("still here");
    }

    @Test
    void operatorsDrainAndKill() throws IOException {
        source.set(server("a", a.port(), Condition.UP), server("b", b.port(), Condition.UP));
        proxy.add(spec());
        Socket socket = connect();
        String first = line(socket);
        proxy.change("svc", first, admin -> admin.withState(AdminState.DRAIN));
        await().untilAsserted(() -> assertThat(report(first).status().name()).isEqualTo("DRAIN"));
        for (int i = 0; i < 4; i++) {
            assertThat(line(connect())).isNotEqualTo(first);
        }
        socket.getOutputStream().write("on\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(line(socket)).isEqualTo("on");

        assertThat(proxy.closeSessions("svc", first)).isEqualTo(1);

        assertThat(ended(socket)).isTrue();
    }

    @Test
    void idleSessionsEnd() throws IOException {
        proxy.add(spec().withTimes(times(Duration.ofSeconds(5), Duration.ofMillis(300))));
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("a");

        assertThat(ended(socket)).isTrue();
    }

    @Test
    void aReplacedServiceKeepsItsSessionsUntilTheirServerIsLost() throws IOException {
        proxy.add(spec());
        Socket old = connect();
        assertThat(line(old)).isEqualTo("a");

        proxy.add(spec().withClosing(new ServiceSpec.Closing(true, true)));

        old.getOutputStream().write("on\n".getBytes(StandardCharsets.US_ASCII));
        assertThat(line(old)).isEqualTo("on");
        assertThat(line(connect())).isEqualTo("a");
        source.set(server("a", a.port(), Condition.DOWN), server("b", b.port(), Condition.UP));
        assertThat(ended(old)).isTrue();
    }

    @Test
    void aPortThatIsTakenIsReported() throws IOException {
        ServiceSpec taken = spec().withBinds(List.of("127.0.0.1:" + a.port()));

        assertThatThrownBy(() -> proxy.add(taken))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("service svc cannot listen on 127.0.0.1:" + a.port());
        assertThat(proxy.services()).isEmpty();
    }

    @Test
    void servicesComeAndGo() throws IOException {
        proxy.add(spec());
        Socket socket = connect();
        assertThat(line(socket)).isEqualTo("a");
        int port = proxy.port("svc");

        proxy.remove("svc");

        assertThat(ended(socket)).isTrue();
        assertThatThrownBy(() -> new Socket(InetAddress.ofLiteral("127.0.0.1"), port).close())
                .isInstanceOf(IOException.class);
    }

    @Test
    void manyClientsAtOnceComeAndGo() throws Exception {
        source.set(server("a", a.port(), Condition.UP), server("b", b.port(), Condition.UP));
        proxy.add(spec().withLimits(new ServiceSpec.Limits(1000, 0, 10, 3)));
        List<Thread> threads = new ArrayList<>();
        List<Throwable> failures = new java.util.concurrent.CopyOnWriteArrayList<>();
        int port = proxy.port("svc");
        for (int i = 0; i < 200; i++) {
            threads.add(
                    Thread.ofVirtual()
                            .start(
                                    () -> {
                                        try (Socket socket =
                                                new Socket(
                                                        InetAddress.ofLiteral("127.0.0.1"), port)) {
                                            socket.setSoTimeout(READ_MILLIS);
                                            assertThat(line(socket)).isIn("a", "b");
                                            OutputStream out = socket.getOutputStream();
                                            out.write("x\n".getBytes(StandardCharsets.US_ASCII));
                                            assertThat(line(socket)).isEqualTo("x");
                                        } catch (IOException | AssertionError e) {
                                            failures.add(e);
                                        }
                                    }));
        }
        for (Thread thread : threads) {
            thread.join();
        }

        assertThat(failures).isEmpty();
        await().untilAsserted(() -> assertThat(report().backend().sessions()).isZero());
        assertThat(report("a").counts().maxSessions()).isLessThanOrEqualTo(10);
        assertThat(report("a").counts().sessionsTotal()).isBetween(60L, 140L);
        assertThat(report("a").counts().sessionsTotal() + report("b").counts().sessionsTotal())
                .isEqualTo(200);
    }
}
