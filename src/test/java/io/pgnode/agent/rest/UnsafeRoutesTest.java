package io.pgnode.agent.rest;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.agent.Operations.Result;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnsafeRoutesTest {
    private final FakeOperations operations = new FakeOperations();
    private final UnsafeRoutes routes =
            new UnsafeRoutes(
                    operations,
                    new JsonText(),
                    InstantSource.fixed(Instant.parse("2026-11-20T12:00:00Z")));

    private Answer send(String method, String path, String body) {
        return routes.answer(method, Target.parse(path), body).join();
    }

    /** Bodies in single quotes for readability. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/switchover | {'leader':'a','candidate':'b'} | switchover a b null",
                "/switchover | {'leader':'a','member':'b'} | switchover a b null",
                "/switchover | {'leader':'a','scheduled_at':'2030-01-01T00:00+00'} | switchover a"
                        + " null 2030-01-01T00:00:00Z",
                "/switchover | {'leader':'a','scheduled_at':'2030-01-01 01:00:00.5 +01:00'} |"
                        + " switchover a null 2030-01-01T00:00:00.500Z",
                "/switchover | {'leader':'a','scheduled_at':'2030-01-01T00:00:00Z'} | switchover a"
                        + " null 2030-01-01T00:00:00Z",
                "/switchover | {'leader':'a','candidate':null,'scheduled_at':null} | switchover a"
                        + " null null",
                "/failover | {'candidate':'b'} | switchover null b null",
                "/failover | {'leader':'a','candidate':'b'} | switchover a b null",
                "/restart | {} | RestartRequest[onlyPending=false, role=, postgresVersion=,"
                        + " timeout=null, schedule=null]",
                "/restart | | RestartRequest[onlyPending=false, role=, postgresVersion=,"
                        + " timeout=null, schedule=null]",
                "/restart | {'restart_pending':true,'role':'master','postgres_version':'15.4',"
                        + "'timeout':30,'schedule':'2030-01-01T00:00:00+00:00'} |"
                        + " RestartRequest[onlyPending=true, role=primary, postgresVersion=15.4,"
                        + " timeout=PT30S, schedule=2030-01-01T00:00:00Z]",
                "/restart | {'timeout':'2min'} | RestartRequest[onlyPending=false, role=,"
                        + " postgresVersion=, timeout=PT2M, schedule=null]",
                "/reload | | reload",
                "/reinitialize | | reinitialize false false",
                "/reinitialize | {'force':true,'from-leader':true} | reinitialize true true",
                "/reinitialize | {'from_leader':'true'} | reinitialize false true",
                "/failsafe | {'name':'a','api_url':'http://a/','slots':{'b':5,'c':'x'}} | failsafe"
                        + " a http://a/ {b=0/5}",
                "/failsafe | {'name':'a'} | failsafe a  {}",
                "/hold | {'owner':'switchover','scope':'primary','epoch':7,'limit_ms':30000} |"
                        + " HoldRequest[owner=switchover, scope=PRIMARY, epoch=7, limit=PT30S]",
                "/hold | {'owner':'operator','scope':'local','limit_ms':1} |"
                        + " HoldRequest[owner=operator, scope=LOCAL, epoch=9223372036854775807,"
                        + " limit=PT0.001S]",
                "/release | {'owner':'operator','scope':'local'} | release operator LOCAL",
            })
    void asksForWhatTheBodySays(String path, String body, String asked) {
        Answer answer = send("POST", path, quoted(body));
        assertThat(answer.status()).as(answer.body()).isEqualTo(200);
        assertThat(operations.asked).containsExactly(asked);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/switchover | | 400 | the request needs a JSON body such as",
                "/switchover | {} | 400 | the request body must be a JSON object such as",
                "/switchover | [] | 400 | the request body must be a JSON object such as",
                "/switchover | {bad | 400 | the request body is not JSON",
                "/switchover | {'leader':'a'} {} | 400 | the request body is not JSON",
                "/switchover | {'candidate':'b'} | 400 | Switchover could be performed only from a"
                        + " specific leader",
                "/switchover | {'leader':'no such/name'} | 412 | leader name does not match",
                "/switchover | {'leader':'a','candidate':'é'} | 412 | candidate does not exist",
                "/switchover | {'leader':'a','scheduled_at':'bad'} | 422 | Unable to parse"
                        + " scheduled timestamp. It should be in an unambiguous format, e.g."
                        + " ISO 8601",
                "/switchover | {'leader':'a','scheduled_at':'2020-01-01T00:00:00+00'} | 422 |"
                        + " Cannot schedule switchover in the past",
                "/switchover | {'leader':'a','scheduled_at':'2030-01-01T00:00:00'} | 400 |"
                        + " Timezone information is mandatory for the scheduled switchover",
                "/failover | {'leader':'a'} | 400 | Failover could be performed only to a specific"
                        + " candidate",
                "/failover | {'candidate':'a','scheduled_at':'2030-01-01T00:00:00Z'} | 400 |"
                        + " Failover can't be scheduled",
                "/restart | {'role':'bad'} | 400 | PostgreSQL role should be either primary,"
                        + " standby_leader, or replica",
                "/restart | {'postgres_version':'bad'} | 400 | Invalid PostgreSQL version: bad",
                "/restart | {'timeout':'bad'} | 400 | Timeout should be a positive number of"
                        + " seconds",
                "/restart | {'timeout':0} | 400 | Timeout should be a positive number of seconds",
                "/restart | {'foo':1} | 400 | Unknown filter for the scheduled restart: foo",
                "/restart | {'schedule':'bad'} | 422 | Unable to parse scheduled timestamp.",
                "/restart | 5 | 400 | the request body must be a JSON object",
                "/reinitialize | nonsense | 400 | the request body is not JSON",
                "/failsafe | {'api_url':'x'} | 400 | name is missing",
                "/hold | | 400 | the request needs a JSON body such as",
                "/hold | {'owner':'a','scope':'local'} | 400 | limit_ms must be 1..3600000",
                "/hold | {'owner':'a','scope':'local','limit_ms':3600001} | 400 | limit_ms must be",
                "/hold | {'owner':'a','scope':'local','limit_ms':'9'} | 400 | limit_ms must be a"
                        + " whole number",
                "/hold | {'owner':'a','scope':'local','limit_ms':9,'epoch':1.5} | 400 | epoch must"
                        + " be a whole number",
                "/hold | {'owner':'a b','scope':'local','limit_ms':9} | 400 | owner must be",
                "/hold | {'scope':'local','limit_ms':9} | 400 | owner must be",
                "/hold | {'owner':'a','limit_ms':9} | 400 | scope must be primary or local",
                "/hold | {'owner':'a','scope':'local','limit':'9s'} | 400 | Unknown field of a"
                        + " hold: limit",
                "/release | {'owner':'a','scope':'all'} | 400 | scope must be primary or local",
                "/release | {'owner':'a','scope':'local','epoch':1} | 400 | Unknown field of a"
                        + " release: epoch",
                "/nonsense | {} | 501 | Unsupported method ('POST')",
            })
    void refusesWhatCannotBeRead(String path, String body, int status, String text) {
        Answer answer = send("POST", path, quoted(body).replace("can\"t", "can't"));
        assertThat(answer.status()).isEqualTo(status);
        assertThat(answer.body()).startsWith(text);
        assertThat(operations.asked).isEmpty();
    }

    @Test
    void refusesWhatAPausedClusterDoesNotDo() {
        TestNode paused = TestNode.primary();
        paused.pause = true;
        operations.snapshot = paused.snapshot();
        Answer anyone = send("POST", "/switchover", "{\"leader\": \"a\"}");
        assertThat(anyone.status()).isEqualTo(400);
        assertThat(anyone.body())
                .isEqualTo("Switchover is possible only to a specific candidate in a paused state");
        String later = ", \"scheduled_at\": \"2030-01-01T00:00:00Z\"}";
        Answer scheduled =
                send("POST", "/switchover", "{\"leader\": \"a\", \"candidate\": \"b\"" + later);
        assertThat(scheduled.body()).isEqualTo("Can't schedule switchover in the paused state");
        Answer restart = send("POST", "/restart", "{\"schedule\": \"2030-01-01T00:00:00Z\"}");
        assertThat(restart.status()).isEqualTo(500);
        assertThat(restart.body()).isEqualTo("Can't schedule restart in the paused state");
        assertThat(operations.asked).isEmpty();
        assertThat(send("POST", "/switchover", "{\"leader\":\"a\",\"candidate\":\"b\"}").status())
                .isEqualTo(200);
    }

    @Test
    void passesConfigurationOn() {
        operations.answer =
                CompletableFuture.completedFuture(new Result(200, "{\"ttl\":20,\"a\":[1,2]}"));
        Answer patched = send("PATCH", "/config", "{\"ttl\":20,\"x\":null}");
        assertThat(patched.body()).isEqualTo("{\"ttl\": 20, \"a\": [1, 2]}");
        assertThat(patched.contentType()).isEqualTo("application/json");
        send("PUT", "/config", "{\"ttl\": 20}");
        assertThat(operations.asked)
                .containsExactly("patch {\"ttl\": 20, \"x\": null}", "put {\"ttl\": 20}");
        operations.answer = CompletableFuture.completedFuture(new Result(409, "conflict"));
        Answer conflict = send("PATCH", "/config", "{\"ttl\": 20}");
        assertThat(conflict.status()).isEqualTo(409);
        assertThat(conflict.contentType()).startsWith("text/plain");
        assertThat(send("PATCH", "/config", "{}").status()).isEqualTo(400);
        assertThat(send("PUT", "/config", "5").status()).isEqualTo(400);
    }

    @Test
    void cancels() {
        send("DELETE", "/switchover", "");
        send("DELETE", "/restart", "");
        assertThat(operations.asked).containsExactly("cancel switchover", "cancel restart");
        assertThat(send("DELETE", "/primary", "").status()).isEqualTo(501);
    }

    @Test
    void tellsItsPositionToALeaderWithoutADcs() {
        Answer answer = send("POST", "/failsafe", "{\"name\": \"a\"}");
        assertThat(answer.body()).isEqualTo("Accepted");
        assertThat(answer.headers())
                .containsEntry("lsn", "50331744")
                .containsEntry("promise-ms", "5000");
    }

    @Test
    void tellsHowFarAHoldIsOrWhyThereIsNone() {
        String release = "{\"owner\": \"operator\", \"scope\": \"local\"}";
        assertThat(send("POST", "/release", release).body())
                .isEqualTo("{\"held\": true, \"open\": 2, \"waiting\": 3}");
        operations.held =
                CompletableFuture.failedFuture(
                        new java.io.IOException("the gateway does not run: no such file"));
        Answer none = send("POST", "/release", release);
        assertThat(none.status()).isEqualTo(503);
        assertThat(none.body()).isEqualTo("the gateway does not run: no such file");
    }

    private static String quoted(String body) {
        return body == null ? "" : body.replace('\'', '"');
    }
}
