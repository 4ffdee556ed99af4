package io.pgnode.gateway.pooler;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class LoginPiecesTest {
    private static final LoginRules.Found KNOWN =
            new LoginRules.Found.Known(new LoginRules.Role("a", "secret", null));

    private static final RoleMemory.Times TIMES =
            new RoleMemory.Times(
                    Duration.ofSeconds(5), Duration.ofSeconds(1), Duration.ofSeconds(60));

    @Test
    void whatWasAnsweredIsKeptForTheCaseThatNobodyCanBeAsked() {
        RoleMemory memory = new RoleMemory(TIMES, 10);
        RoleMemory.Key a = new RoleMemory.Key("db", "a");
        long second = 1_000_000_000L;

        memory.put(a, KNOWN, 0);
        memory.forget(a, second);

        assertThat(memory.find(a, second)).isNull();
        assertThat(memory.old(a, 60 * second - 1)).isEqualTo(KNOWN);
        assertThat(memory.old(a, 60 * second)).isNull();
    }

    @Test
    void aSecretIsNoneOnceItsTimeIsOver() {
        RoleMemory memory = new RoleMemory(TIMES, 10);
        RoleMemory.Key a = new RoleMemory.Key("db", "a");
        LoginRules.Found none = new LoginRules.Found.Known(new LoginRules.Role("a", null, null));

        memory.put(
                a,
                new LoginRules.Found.Known(new LoginRules.Role("a", "secret", null), 10),
                Long.MIN_VALUE);

        assertThat(memory.find(a, Long.MIN_VALUE + 9)).isNotEqualTo(none);
        assertThat(memory.find(a, Long.MIN_VALUE + 10)).isEqualTo(none);
        assertThat(memory.old(a, Long.MIN_VALUE + 10)).isEqualTo(none);
    }

    @Test
    void answersAboutRolesAreRememberedForAWhile() {
        RoleMemory memory = new RoleMemory(TIMES, 10);
        RoleMemory.Key a = new RoleMemory.Key("db", "a");
        RoleMemory.Key b = new RoleMemory.Key("db", "b");
        RoleMemory.Key c = new RoleMemory.Key("db", "c");
        long second = 1_000_000_000L;

        memory.put(a, KNOWN, 0);
        memory.put(b, new LoginRules.Found.Unknown(), 0);
        memory.put(c, new LoginRules.Found.Failed("08006", "gone"), 0);

        assertThat(memory.find(a, 5 * second - 1)).isEqualTo(KNOWN);
        assertThat(memory.find(a, 5 * second)).isNull();
        assertThat(memory.find(b, second - 1)).isEqualTo(new LoginRules.Found.Unknown());
        assertThat(memory.find(b, second)).isNull();
        assertThat(memory.find(c, 0)).isNull();
    }

    @Test
    void theMemoryOfRolesIsBounded() {
        RoleMemory memory = new RoleMemory(TIMES, 10);
        for (int i = 0; i < 100; i++) {
            memory.put(new RoleMemory.Key("db", "u" + i), KNOWN, 0);
        }

        assertThat(memory.size()).isEqualTo(10);
        assertThat(memory.find(new RoleMemory.Key("db", "u99"), 0)).isNotNull();
        assertThat(memory.find(new RoleMemory.Key("db", "u0"), 0)).isNull();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    CN=alice,O=x            | alice
                    O=x,CN=alice            | alice
                    O=CN\\=evil,CN=alice    | alice
                    O=a\\,CN=evil,CN=alice  | alice
                    O=a+CN=alice            | alice
                    CN=a\\,b                | a,b
                    O=x                     | ''
                    CN=#0c05616c696365      | ''
                    """)
    void theCommonNameIsTakenFromItsPlaceOnly(String subject, String expected) {
        assertThat(ClientPeer.commonName(subject.replace("\\\\", "\\"))).isEqualTo(expected);
    }

    @Test
    void aClientsTextCannotBeginALineOfTheLog() {
        assertThat(ClientPeer.printable("a\nFATAL\u0000")).isEqualTo("a?FATAL?");
    }

    @Test
    void clientsAreCountedUpToTheirLimits() {
        ClientCounts counts = new ClientCounts();

        assertThat(counts.enterUser("a", 2)).isTrue();
        assertThat(counts.enterUser("a", 2)).isTrue();
        assertThat(counts.enterUser("a", 2)).isFalse();
        assertThat(counts.enterUser("b", 0)).isTrue();
        counts.leaveUser("a");

        assertThat(counts.ofUser("a")).isEqualTo(1);
        assertThat(counts.enterUser("a", 2)).isTrue();
    }

    @Test
    void hostsTakeTurnsUnlessTheyMustNot() {
        ServerAddresses both = new ServerAddresses(List.of("127.0.0.1", "127.0.0.2"), 1, true);
        ServerAddresses first = new ServerAddresses(List.of("127.0.0.1", "127.0.0.2"), 1, false);
        both.refresh();
        first.refresh();

        assertThat(List.of(both.next(), both.next(), both.next()).stream().distinct()).hasSize(2);
        assertThat(List.of(first.next(), first.next()).stream().distinct()).hasSize(1);
        assertThat(both.hasNames()).isFalse();
        assertThat(new ServerAddresses(List.of("localhost"), 1, true).hasNames()).isTrue();
    }

    @Test
    void theDefaultIsTheUsualSocketDirectory() {
        ServerAddresses usual = new ServerAddresses(List.of(), 5432, true);
        usual.refresh();

        assertThat(usual.next()).hasToString("/var/run/postgresql/.s.PGSQL.5432");
    }
}
