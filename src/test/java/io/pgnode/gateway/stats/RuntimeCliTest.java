package io.pgnode.gateway.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.net.EventLoops;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RuntimeCliTest {
    @TempDir Path directory;

    private final FakeDesk desk = new FakeDesk();
    private final RuntimeCli cli = new RuntimeCli(desk);

    /** Answers seen from HAProxy 2.6. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '~',
            textBlock =
                    """
            disable server pg-test-default/x       | No such server.
            disable server                         | Require 'backend/server'.
            get weight x                           | Require 'backend/server'.
            get weight pg-test-default/pg-test-1   | 100 (initial 100)
            set weight pg-test-default/pg-test-1   | Require <weight> or <weight%>.
            set weight pg-test-default/pg-test-1 300 | Absolute weight can only be between 0 and 256 inclusive.
            set server pg-test-default/pg-test-1 state x | 'set server <srv> state' expects 'ready', 'drain' and 'maint'.
            set server pg-test-default/pg-test-1 health x | 'set server <srv> health' expects 'up', 'stopping', or 'down'.
            set server pg-test-default/pg-test-1 addr 10.10.10.11 port 6000 | no need to change the addr, port changed from '5432' to '6000' by 'stats socket command'
            shutdown sessions server               | Require 'backend/server'.
            set maxconn frontend x 3               | No such frontend.
            set maxconn server pg-test-default/pg-test-1 x | maxconn string empty or preceded by garbage
            show servers state x                   | Can't find backend.
            show version                           | 0.1.0
            """)
    void answersAsHaproxy(String command, String answer) {
        assertThat(cli.run(command)).isEqualTo(answer + "\n\n");
    }

    @Test
    void obeysInSilence() {
        assertThat(cli.run("disable server pg-test-default/pg-test-1")).isEqualTo("\n");
        assertThat(desk.admin("pg-test-default", "pg-test-1").state()).isEqualTo(AdminState.MAINT);
        assertThat(cli.run("set server pg-test-default/pg-test-1 state ready")).isEqualTo("\n");
        assertThat(desk.admin("pg-test-default", "pg-test-1").state()).isEqualTo(AdminState.READY);
        assertThat(cli.run("set weight pg-test-default/pg-test-1 50%")).isEqualTo("\n");
        assertThat(cli.run("get weight pg-test-default/pg-test-1"))
                .isEqualTo("50 (initial 100)\n\n");
        assertThat(cli.run("shutdown sessions server pg-test-default/pg-test-1")).isEqualTo("\n");
        assertThat(desk.killed).containsExactly("pg-test-default/pg-test-1");
        assertThat(cli.run("set maxconn frontend pg-test-default 7")).isEqualTo("\n");
        assertThat(desk.limit).isEqualTo(7);
        assertThat(cli.run("clear counters all")).isEqualTo("\n");
        assertThat(desk.cleared).containsExactly("all");
    }

    @Test
    void selectsRows() {
        assertThat(cli.run("show stat 2 4 1").lines().toList()).hasSize(3);
        assertThat(cli.run("show stat -1 1 -1").lines().toList()).hasSize(4);
        assertThat(cli.run("show stat typed")).contains("S.2.1.4.scur.1:MGP:u32:42\n");
    }

    @Test
    void tellsServersAndSessions() {
        assertThat(cli.run("show servers state"))
                .startsWith("1\n# be_id be_name srv_id srv_name")
                .contains("\n2 pg-test-default 1 pg-test-1 10.10.10.11 2 0 100 100 5400");
        assertThat(cli.run("show servers conn"))
                .contains("pg-test-default/pg-test-1 2/1 10.10.10.11 5432");
        assertThat(cli.run("show sess")).startsWith("0x1: proto=tcp src=10.0.0.9:4242");
        assertThat(cli.run("show backend"))
                .isEqualTo("# name\npg-test-default\npg-test-offline\n\n");
        assertThat(cli.run("show info")).contains("CurrConns: 42\n").contains("Idle_pct: 97\n");
        assertThat(cli.run("bogus")).startsWith("Unknown command");
    }

    @Test
    void speaksOverItsSocket() throws IOException {
        Path path = directory.resolve("haproxy.sock");
        try (EventLoops loops = new EventLoops("test-cli", 1);
                CliSocket socket = CliSocket.open(loops, path, desk)) {
            assertThat(socket).isNotNull();
            assertThat(Files.getPosixFilePermissions(path)).hasSize(2);
            assertThat(talk(path, "show version;get weight pg-test-default/pg-test-1\n"))
                    .isEqualTo("0.1.0\n\n100 (initial 100)\n\n");
            assertThat(talk(path, "prompt\nshow version\nquit\n")).isEqualTo("\n> 0.1.0\n\n> ");
            assertThat(talk(path, "x".repeat(20_000) + "\n")).contains("too long");
        }
        assertThat(path).doesNotExist();
    }

    private static String talk(Path path, String said) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(path));
            OutputStream out = Channels.newOutputStream(channel);
            InputStream in = Channels.newInputStream(channel);
            out.write(said.getBytes(StandardCharsets.UTF_8));
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        }
    }
}
