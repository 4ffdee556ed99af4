package io.pgnode.gateway.stats;

import io.netty.handler.codec.http.QueryStringDecoder;
import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.MetricSource;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The statistics over HTTP: the page at {@code /} and {@code /haproxy/<node>/}, {@code ;csv},
 * {@code ;json} and {@code /metrics}.
 *
 * <p>Actions are POST requests with HAProxy's fields {@code b} (service), {@code s} (server, more
 * than once for several) and {@code action}; they need the admin's password and the token of a page
 * that this process made, so that no other site can send them. Runs on one event loop of Vert.x.
 */
public final class StatsServer {
    private static final int MAX_BODY = 64 * 1024;
    private static final int IDLE_SECONDS = 60;
    private static final int TOKEN_BYTES = 16;
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
                    + " frame-ancestors 'none'; base-uri 'none'";

    private final Vertx vertx;
    private volatile StatsSettings settings;
    private final Desk desk;
    private final MetricSource more;
    private final String token;
    private volatile Page page;
    private volatile @Nullable HttpServer server;

    /**
     * @param more metrics that follow HAProxy's
     * @param random a secure one
     */
    public StatsServer(
            Vertx vertx,
            StatsSettings settings,
            Desk desk,
            MetricSource more,
            RandomGenerator random) {
        this.vertx = vertx;
        this.settings = settings;
        this.desk = desk;
        this.more = more;
        byte[] bytes = new byte[TOKEN_BYTES];
        random.nextBytes(bytes);
        this.token = HexFormat.of().formatHex(bytes);
        this.page = page(settings);
    }

    private Page page(StatsSettings now) {
        return new Page(now.admin() != null, token, now.refreshSeconds());
    }

    /** Other logins from now on, on the address and port that it has. */
    public void reload(StatsSettings wanted) {
        settings = wanted;
        page = page(wanted);
    }

    /** Listens; completes with the port. */
    public CompletableFuture<Integer> start() {
        HttpServer created =
                vertx.createHttpServer(
                        new HttpServerOptions()
                                .setHost(settings.host())
                                .setPort(settings.port())
                                .setIdleTimeout(IDLE_SECONDS)
                                .setCompressionSupported(true));
        created.requestHandler(this::answer);
        return created.listen()
                .map(
                        listening -> {
                            server = listening;
                            return listening.actualPort();
                        })
                .toCompletionStage()
                .toCompletableFuture();
    }

    public CompletableFuture<Void> close() {
        HttpServer listening = server;
        return listening == null
                ? CompletableFuture.completedFuture(null)
                : listening.close().toCompletionStage().toCompletableFuture();
    }

    private void answer(HttpServerRequest request) {
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        boolean isPost = request.method().equals(HttpMethod.POST);
        boolean isRead =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!isPost && !isRead) {
            end(request, 405, "text/plain", "method not allowed\n");
        } else if (path.equals("/metrics") && isRead) {
            Exposition out = new Exposition();
            MetricsText.write(out, desk);
            more.writeTo(out);
            end(request, 200, Exposition.CONTENT_TYPE, out.text());
        } else if (path.equals("/health") && isRead) {
            end(request, 200, "text/plain", "ok\n");
        } else {
            statistics(request, path, isPost);
        }
    }

    private void statistics(HttpServerRequest request, String path, boolean isPost) {
        int options = path.indexOf(';');
        String base = options < 0 ? path : path.substring(0, options);
        List<String> wanted =
                options < 0 ? List.of() : List.of(path.substring(options + 1).split(";", -1));
        if (!isPage(base)) {
            end(request, 404, "text/plain", "nothing here: the page is at /\n");
        } else if (isPost) {
            act(request, base);
        } else if (!mayLook(request)) {
            challenge(request);
        } else if (wanted.contains("csv")) {
            end(request, 200, "text/plain", StatText.csv(StatRows.of(desk.services())));
        } else if (wanted.contains("json")) {
            end(request, 200, "application/json", StatText.json(StatRows.of(desk.services())));
        } else {
            boolean isStill = wanted.contains("norefresh");
            end(
                    request,
                    200,
                    "text/html; charset=utf-8",
                    page.html(desk.process(), desk.services(), base, message(wanted), isStill));
        }
    }

    private static boolean isPage(String base) {
        return base.equals("/")
                || base.equals("/haproxy")
                || base.equals("/haproxy/")
                || base.matches("/haproxy/[^/]+/?");
    }

    private static String message(List<String> options) {
        for (String option : options) {
            switch (option) {
                case "st=DONE" -> {
                    return "Done.";
                }
                case "st=NONE" -> {
                    return "Nothing was changed: no server was chosen.";
                }
                case "st=UNKN" -> {
                    return "Nothing was changed: no such service, server or action.";
                }
                default -> {}
            }
        }
        return "";
    }

    private boolean mayLook(HttpServerRequest request) {
        StatsSettings now = settings;
        return now.reader() == null
                || isLogin(request, now.reader())
                || isLogin(request, now.admin());
    }

    private static boolean isLogin(HttpServerRequest request, StatsSettings.@Nullable Login login) {
        String header = request.getHeader("Authorization");
        if (login == null || header == null || !header.regionMatches(true, 0, "Basic ", 0, 6)) {
            return false;
        }
        byte[] given;
        try {
            given = Base64.getDecoder().decode(header.substring(6).strip());
        } catch (IllegalArgumentException e) {
            return false;
        }
        byte[] expected = (login.user() + ":" + login.password()).getBytes(StandardCharsets.UTF_8);
        return MessageDigest.isEqual(given, expected);
    }

    private static void challenge(HttpServerRequest request) {
        request.response().putHeader("WWW-Authenticate", "Basic realm=\"pgnode gateway\"");
        end(request, 401, "text/plain", "a password is needed\n");
    }

    private void act(HttpServerRequest request, String base) {
        if (settings.admin() == null) {
            end(request, 403, "text/plain", "there is no admin, so nobody may change anything\n");
            return;
        }
        if (!isLogin(request, settings.admin())) {
            challenge(request);
            return;
        }
        String length = request.getHeader("Content-Length");
        if (length == null || !length.matches("\\d{1,6}") || Integer.parseInt(length) > MAX_BODY) {
            end(request, 413, "text/plain", "the form is too large\n");
            return;
        }
        request.body()
                .onSuccess(
                        body -> {
                            Map<String, List<String>> form =
                                    new QueryStringDecoder(
                                                    body.toString(StandardCharsets.UTF_8),
                                                    StandardCharsets.UTF_8,
                                                    false)
                                            .parameters();
                            if (!isOurs(request, form)) {
                                end(
                                        request,
                                        403,
                                        "text/plain",
                                        "the page is out of date: load it again\n");
                                return;
                            }
                            String result = perform(form);
                            request.response().putHeader("Location", base + ";st=" + result);
                            end(request, 303, "text/plain", result + "\n");
                        });
    }

    /** The form is one of ours, and not sent by a page of somebody else. */
    private boolean isOurs(HttpServerRequest request, Map<String, List<String>> form) {
        String origin = request.getHeader("Origin");
        String host = request.getHeader("Host");
        boolean isForeign =
                origin != null
                        && !origin.equals("http://" + host)
                        && !origin.equals("https://" + host);
        byte[] given = value(form, "token").getBytes(StandardCharsets.UTF_8);
        return !isForeign && MessageDigest.isEqual(given, token.getBytes(StandardCharsets.UTF_8));
    }

    private static String value(Map<String, List<String>> form, String name) {
        List<String> values = form.getOrDefault(name, List.of());
        return values.isEmpty() ? "" : values.getFirst();
    }

    private String perform(Map<String, List<String>> form) {
        String serviceName = value(form, "b");
        List<String> servers = form.getOrDefault("s", List.of());
        if (servers.isEmpty()) {
            return "NONE";
        }
        ServiceReport service =
                desk.services().stream()
                        .filter(one -> one.name().equals(serviceName))
                        .findFirst()
                        .orElse(null);
        if (service == null
                || !service.servers().stream()
                        .map(ServerReport::name)
                        .toList()
                        .containsAll(servers)) {
            return "UNKN";
        }
        for (String server : servers) {
            switch (value(form, "action")) {
                case "ready" -> set(serviceName, server, AdminState.READY);
                case "drain" -> set(serviceName, server, AdminState.DRAIN);
                case "maint" -> set(serviceName, server, AdminState.MAINT);
                case "shutdown" -> desk.closeSessions(serviceName, server);
                default -> {
                    return "UNKN";
                }
            }
        }
        return "DONE";
    }

    private void set(String service, String server, AdminState wanted) {
        desk.change(service, server, admin -> admin.withState(wanted).withHealth(null));
    }

    private static void end(HttpServerRequest request, int status, String type, String body) {
        HttpServerResponse response = request.response();
        response.setStatusCode(status)
                .putHeader("Content-Type", type)
                .putHeader("Cache-Control", "no-store")
                .putHeader("X-Content-Type-Options", "nosniff")
                .putHeader("Content-Security-Policy", POLICY);
        if (request.method().equals(HttpMethod.HEAD)) {
            response.end();
        } else {
            response.end(body);
        }
    }
}
