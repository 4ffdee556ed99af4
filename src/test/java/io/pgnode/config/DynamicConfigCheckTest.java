package io.pgnode.config;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class DynamicConfigCheckTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{\"ttl\":30,\"loop_wait\":10,\"retry_timeout\":10}",
                "{\"ttl\":\"20\",\"loop_wait\":5,\"retry_timeout\":5}",
                "{\"ttl\":null,\"pause\":true,\"synchronous_mode\":\"quorum\"}",
                "{\"maximum_lag_on_failover\":\"16MB\",\"maximum_lag_on_syncnode\":-1}",
                "{\"pg_version\":15,\"pg_cluster\":\"x\",\"postgresql\":{\"pg_hba\":[\"local all\"]}}",
                "{\"postgresql\":{\"parameters\":{\"work_mem\":\"1MB\",\"port\":null}}}"
            })
    void acceptsWhatPatroniAccepts(String json) throws JsonProcessingException {
        assertThat(check(json)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            textBlock =
                    """
                    []                                  | the dynamic configuration must be a JSON object
                    {"ttl":2}                           | ttl is 2, must be a whole number, at least 3
                    {"ttl":"10s"}                       | ttl is "10s", must be a whole number, at least 3
                    {"loop_wait":0.5}                   | loop_wait is 0.5, must be a whole number, at least 1
                    {"ttl":20}                          | ttl is 20 s, must be at least loop_wait + 2 * retry_timeout (10 + 2 * 10 = 30 s)
                    {"pause":1}                         | pause is 1, must be true or false
                    {"synchronous_mode":"maybe"}        | synchronous_mode is "maybe", must be on, off or quorum
                    {"maximum_lag_on_failover":"1 mile"} | maximum_lag_on_failover is "1 mile", must be a number of bytes, at least 0, or a size such as 16MB
                    {"tll":30}                          | unknown key tll
                    {"postgresql":{"use_slot":true}}    | unknown key postgresql.use_slot
                    {"postgresql":[]}                   | postgresql is [], must be a section of keys
                    {"postgresql":{"pg_hba":[1]}}       | postgresql.pg_hba is [1], must be a list of lines
                    {"postgresql":{"parameters":{"a b":1}}} | "a b" is no name of a parameter
                    {"postgresql":{"parameters":{"a":{}}}} | postgresql.parameters.a is {}, must be one value
                    """)
    void namesWhatIsExpected(String json, String message) throws JsonProcessingException {
        assertThat(check(json))
                .singleElement()
                .satisfies(problem -> assertThat(problem.message()).isEqualTo(message));
    }

    @Test
    void reportsEverythingAtOnce() throws JsonProcessingException {
        assertThat(check("{\"ttl\":\"x\",\"pause\":\"x\",\"postgresql\":{\"use_slots\":\"x\"}}"))
                .extracting(Problem::key)
                .containsExactly("ttl", "pause", "postgresql.use_slots");
    }

    private static List<Problem> check(String json) throws JsonProcessingException {
        return DynamicConfigCheck.check(new ObjectMapper().readTree(json));
    }
}
