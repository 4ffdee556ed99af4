package io.pgnode.gateway.pooler.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandParserTest {
    private static Command one(String sql) throws CommandParser.Rejected {
        assertThat(CommandParser.parse(sql)).hasSize(1);
        return CommandParser.parse(sql).getFirst();
    }

    @Test
    void readsCommandsInAnyCaseWithOrWithoutASemicolon() throws Exception {
        assertThat(one("show pools;")).isEqualTo(new Command.Show(Topic.POOLS));
        assertThat(one(" Select Version ")).isEqualTo(new Command.Show(Topic.VERSION));
        assertThat(one("/* driver */ SHOW STATE -- now")).isEqualTo(new Command.Show(Topic.STATE));
        assertThat(one("PAUSE")).isEqualTo(new Command.Act(Command.Verb.PAUSE, ""));
        assertThat(one("resume \"My Db\";"))
                .isEqualTo(new Command.Act(Command.Verb.RESUME, "My Db"));
        assertThat(one("KILL_CLIENT 17")).isEqualTo(new Command.KillClient(17));
        assertThat(one("SHUTDOWN wait_for_clients"))
                .isEqualTo(new Command.End(Shutdown.WAIT_FOR_CLIENTS));
        assertThat(one("EXPLAIN POOL app joe")).isEqualTo(new Command.Explain("app", "joe"));
        assertThat(one(" ; ")).isEqualTo(new Command.Nothing());
    }

    @Test
    void readsSettings() throws Exception {
        assertThat(one("SET max_client_conn=7")).isEqualTo(new Command.Set("max_client_conn", "7"));
        assertThat(one("set max_client_conn to '9'"))
                .isEqualTo(new Command.Set("max_client_conn", "9"));
        assertThat(one("SET server_reset_query = 'DISCARD ALL'"))
                .isEqualTo(new Command.Set("server_reset_query", "DISCARD ALL"));
        assertThat(one("SET extra_float_digits = 3")).isEqualTo(new Command.Ignored("SET", true));
        assertThat(one("SHOW client_encoding"))
                .isEqualTo(new Command.ShowSetting("client_encoding", "UTF-8"));
    }

    @Test
    void readsSeveralStatements() throws Exception {
        assertThat(CommandParser.parse("SHOW VERSION; SHOW STATE;"))
                .containsExactly(new Command.Show(Topic.VERSION), new Command.Show(Topic.STATE));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "FOO",
                "SHOW",
                "SHOW BLAH",
                "SHOW EXPLAIN",
                "SHOW POOLS foo",
                "SELECT 1",
                "SHUTDOWN foo",
                "SUSPEND foo",
                "PAUSE a b",
                "SET x",
                "'SHOW'",
                "SHOW VERSION; FOO"
            })
    void refusesOthersInPgBouncersWords(String sql) {
        assertThatThrownBy(() -> CommandParser.parse(sql))
                .isInstanceOf(CommandParser.Rejected.class)
                .hasMessage("invalid command '" + sql + "', use SHOW HELP;");
    }

    @Test
    void namesAreNeededWhereOneDatabaseIsMeant() {
        assertThatThrownBy(() -> CommandParser.parse("DISABLE"))
                .hasMessage("a database is required");
        assertThatThrownBy(() -> CommandParser.parse("KILL_CLIENT x"))
                .hasMessage("invalid client id: x");
    }

    @Test
    void oneTextHasNoThousandCommands() {
        assertThatThrownBy(() -> CommandParser.parse("SHOW STATE;".repeat(1000)))
                .hasMessage("too many commands in one text");
    }
}
