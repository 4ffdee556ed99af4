package io.pgnode.gateway.pooler.core;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PreparedCommandTest {
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "PREPARE p AS SELECT 1                  | PREPARE    | p    | PREPARE x AS SELECT 1",
                "prepare \"P q\" (int) as select $1      | PREPARE    | P q  | prepare x (int) as select $1",
                "EXECUTE Foo(1, 'a')                    | EXECUTE    | foo  | EXECUTE x(1, 'a')",
                "execute p;                             | EXECUTE    | p    | execute x;",
                "/* c /* n */ */ execute -- d           | EXECUTE    | ``   | ``",
                "DEALLOCATE p                           | DEALLOCATE | p    | DEALLOCATE x",
                "deallocate prepare \"all\"              | DEALLOCATE | all  | deallocate prepare x",
                "/* hint */ EXECUTE p                   | EXECUTE    | p    | /* hint */ EXECUTE x"
            })
    void namesAreFoundAndReplaced(String sql, String kind, String name, String renamed) {
        var command = PreparedCommand.parse(sql);

        if (name.isEmpty()) {
            assertThat(command).isEmpty();
            return;
        }
        assertThat(command).isPresent();
        assertThat(command.get().kind()).isEqualTo(PreparedCommand.Kind.valueOf(kind));
        assertThat(command.get().name()).isEqualTo(name);
        assertThat(command.get().withName("x")).isEqualTo(renamed);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "SELECT 1",
                "PREPARE TRANSACTION 'a'",
                "DEALLOCATE ALL",
                "deallocate prepare all",
                "EXECUTE p; SELECT 1",
                "execute",
                "execute \"open",
                "EXPLAIN EXECUTE p",
                "DELETE FROM t",
                "/* unfinished"
            })
    void everythingElseIsLeftAlone(String sql) {
        assertThat(PreparedCommand.parse(sql)).isEmpty();
    }

    @Test
    void aSemicolonInAStringIsTakenForASecondStatement() {
        assertThat(PreparedCommand.parse("EXECUTE p(';')")).isEmpty();
    }
}
