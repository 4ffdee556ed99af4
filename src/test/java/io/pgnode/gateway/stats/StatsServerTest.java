package io.pgnode.gateway.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.net.EventLoops;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class StatsServerTest {
    private static final StatsSettings.Login ADMIN = new StatsSettings.Login("admin", "s3cret");
    private static final StatsSettings.Login READER = new StatsSettings.Login("look", "only");

    private final EventLoops loops = new EventLoops("test-statistics", 1);
    private final HttpClient client = HttpClient.newHttpClient();
    private final FakeDesk desk = new FakeDesk();
    private int port;

    private void start(StatsSettings.@Nullable Login admin, StatsSettings.@Nullable Login reader)
            throws Exception {
        StatsServer server =
                new StatsServer(
                        loops,
                        new StatsSettings("127.0.0.1", 0, admin, reader, 30),
                        desk,
                        out -> {},
                        new Random(1));
        port = server.open();
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        loops.close();
    }

    private HttpRequest.Builder request(String path, StatsSettings.@Nullable Login login) {
        HttpRequest.Builder builder =
                HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
        if (login != null) {
            String pair = login.user() + ":" + login.password();
            builder.header(
                    "Authorization",
                    "Basic "
                            + Base64.getEncoder()
                                    .encodeToString(pair.getBytes(StandardCharsets.UTF_8)));
        }
        return builder;
    }

    private HttpResponse<String> send(HttpRequest request)
            throws IOException, InterruptedException {
        return client.send(request, HttpResponse.BodyHandlers.ofString());
    }

    private HttpResponse<String> get(String path, StatsSettings.@Nullable Login login)
            throws IOException, InterruptedException {
        return send(request(path, login).build());
    }

    private String token() throws IOException, InterruptedException {
        Matcher found =
                Pattern.compile("name=\"token\" value=\"([0-9a-f]+)\"")
                        .matcher(get("/", ADMIN).body());
        assertThat(found.find()).isTrue();
        return found.group(1);
    }

    private HttpResponse<String> post(
            StatsSettings.@Nullable Login login, String token, String action, String... servers)
            throws IOException, InterruptedException {
        StringBuilder form = new StringBuilder("b=pg-test-default&action=" + action);
        for (String server : servers) {
            form.append("&s=").append(URLEncoder.encode(server, StandardCharsets.UTF_8));
        }
        form.append("&token=").append(token);
        return send(
                request("/", login)
                        .header("Content-Type", "application/x-www-form-urlencoded")
                        .POST(HttpRequest.BodyPublishers.ofString(form.toString()))
                        .build());
    }

    @Test
    void servesPageCsvJsonAndMetrics() throws Exception {
        start(null, null);

        HttpResponse<String> page = get("/", null);
        assertThat(page.statusCode()).isEqualTo(200);
        assertThat(page.body()).contains("pg-test-default", "http-equiv=\"refresh\"");
        assertThat(page.body()).doesNotContain("<form", "<script", "http://", "https://");
        assertThat(page.headers().firstValue("Content-Security-Policy")).isPresent();
        assertThat(get("/haproxy/pg-test-1/", null).body()).contains("pg-test-default");
        assertThat(get("/haproxy/pg-test-1/;csv", null).body()).startsWith("# pxname,svname,");
        assertThat(get("/;csv;norefresh", null).body()).startsWith("# pxname,svname,");
        assertThat(get("/;json", null).body()).startsWith("[[{\"objType\":\"Frontend\"");
        assertThat(get("/;norefresh", null).body()).doesNotContain("http-equiv=\"refresh\"");
        assertThat(get("/metrics", null).body()).contains("haproxy_server_status{");
        assertThat(get("/nothing", null).statusCode()).isEqualTo(404);
        assertThat(send(request("/", null).DELETE().build()).statusCode()).isEqualTo(405);
    }

    @Test
    void readersNeedTheirPassword() throws Exception {
        start(ADMIN, READER);

        HttpResponse<String> refused = get("/", null);
        assertThat(refused.statusCode()).isEqualTo(401);
        assertThat(refused.headers().firstValue("WWW-Authenticate")).isPresent();
        assertThat(get("/;csv", new StatsSettings.Login("look", "wrong")).statusCode())
                .isEqualTo(401);
        assertThat(get("/;csv", READER).statusCode()).isEqualTo(200);
        assertThat(get("/;csv", ADMIN).statusCode()).isEqualTo(200);
        assertThat(get("/metrics", null).statusCode()).isEqualTo(200);
    }

    @Test
    void theAdminActs() throws Exception {
        start(ADMIN, null);

        HttpResponse<String> done = post(ADMIN, token(), "drain", "pg-test-1", "pg-test-2");

        assertThat(done.statusCode()).isEqualTo(303);
        assertThat(done.headers().firstValue("Location")).contains("/;st=DONE");
        assertThat(desk.admin("pg-test-default", "pg-test-1").state()).isEqualTo(AdminState.DRAIN);
        assertThat(desk.admin("pg-test-default", "pg-test-2").state()).isEqualTo(AdminState.DRAIN);
        assertThat(get("/;st=DONE", null).body()).contains("Done.");
        assertThat(post(ADMIN, token(), "shutdown", "pg-test-1").statusCode()).isEqualTo(303);
        assertThat(desk.killed).containsExactly("pg-test-default/pg-test-1");
        assertThat(post(ADMIN, token(), "ready").headers().firstValue("Location"))
                .contains("/;st=NONE");
        assertThat(post(ADMIN, token(), "ready", "nobody").headers().firstValue("Location"))
                .contains("/;st=UNKN");
    }

    @Test
    void nobodyElseActs() throws Exception {
        start(ADMIN, READER);
        String token = token();

        assertThat(post(null, token, "maint", "pg-test-1").statusCode()).isEqualTo(401);
        assertThat(post(READER, token, "maint", "pg-test-1").statusCode()).isEqualTo(401);
        assertThat(post(ADMIN, "0", "maint", "pg-test-1").statusCode()).isEqualTo(403);
        HttpResponse<String> foreign =
                send(
                        request("/", ADMIN)
                                .header("Origin", "http://evil.example")
                                .POST(
                                        HttpRequest.BodyPublishers.ofString(
                                                "b=pg-test-default&s=pg-test-1&action=maint&token="
                                                        + token))
                                .build());
        assertThat(foreign.statusCode()).isEqualTo(403);
        assertThat(desk.admins).isEmpty();
    }

    @Test
    void namesAreEscaped() {
        assertThat(Page.escape("<a href='x'>&\""))
                .isEqualTo("&lt;a href=&#39;x&#39;&gt;&amp;&quot;");
        assertThat(Page.bytes(98_765_432_100L)).isEqualTo("98.8 GB");
        assertThat(Page.bytes(999)).isEqualTo("999 B");
        assertThat(Page.duration(93_784)).isEqualTo("1 d 2 h");
    }
}
