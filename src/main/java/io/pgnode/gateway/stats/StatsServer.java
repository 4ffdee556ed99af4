package io.pgnode.gateway.stats;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.handler.codec.compression.StandardCompressionOptions;
import io.netty.handler.codec.http.DefaultFullHttpResponse;
import io.netty.handler.codec.http.FullHttpRequest;
import io.netty.handler.codec.http.FullHttpResponse;
import io.netty.handler.codec.http.HttpContentCompressor;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpObjectAggregator;
import io.netty.handler.codec.http.HttpResponseStatus;
import io.netty.handler.codec.http.HttpServerCodec;
import io.netty.handler.codec.http.HttpUtil;
import io.netty.handler.codec.http.HttpVersion;
import io.netty.handler.codec.http.QueryStringDecoder;
import io.netty.handler.timeout.IdleStateEvent;
import io.netty.handler.timeout.IdleStateHandler;
import io.pgnode.gateway.route.core.AdminState;
import io.pgnode.metrics.Exposition;
import io.pgnode.metrics.MetricSource;
import io.pgnode.net.EventLoops;
import io.pgnode.net.Gate;
import io.pgnode.net.Sockets;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The statistics over HTTP: the page at {@code /} and {@code /haproxy/<node>/}, {@code ;csv},
 * {@code ;json} and {@code /metrics}.
 *
 * <p>Actions are POST requests with HAProxy's fields {@code b} (service), {@code s} (server, more
 * than once for several) and {@code action}; they need the admin's password and the token of a page
 * that this process made, so that no other site can send them. A page may take milliseconds: the
 * loops are no loops of the data path.
 */
public final class StatsServer implements AutoCloseable {
    private static final int MAX_BODY = 64 * 1024;
    private static final int IDLE_SECONDS = 60;
    private static final int TOKEN_BYTES = 16;
    private static final String POLICY =
            "default-src 'none'; style-src 'unsafe-inline'; form-action 'self';"
                    + " frame-ancestors 'none'; base-uri 'none'";

    private final Gate gate;
    private volatile StatsSettings settings;
    private final Desk desk;
    private final MetricSource more;
    private final String token;
    private volatile Page page;

    /**
     * @param more metrics that follow HAProxy's
     * @param random a secure one
     */
    public StatsServer(
            EventLoops loops,
            StatsSettings settings,
            Desk desk,
            MetricSource more,
            RandomGenerator random) {
        this.gate = new Gate(loops, address -> listen(loops, address));
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

    private ChannelFuture listen(EventLoops loops, SocketAddress address) {
        return Sockets.listen(loops, address, _ -> new Conversation());
    }

    /** Where it listens. */
    public static SocketAddress address(StatsSettings settings) {
        return settings.host().equals("*")
                ? new InetSocketAddress(settings.port())
                : new InetSocketAddress(settings.host(), settings.port());
    }

    /** Listens; returns the port. Blocking. */
    public int open() throws IOException {
        gate.open(address(settings), 0);
        return gate.port();
    }

    /** Other logins from now on, on the address and port that it has. */
    public void reload(StatsSettings wanted) {
        settings = wanted;
        page = page(wanted);
    }

    /** Takes no new connections; {@link #open} listens again, where the settings then say. */
    @Override
    public void close() {
        gate.close();
    }

    /** One connection. */
    private final class Conversation extends SimpleChannelInboundHandler<FullHttpRequest> {
        @Override
        public void handlerAdded(ChannelHandlerContext context) {
            context.pipeline()
                    .addBefore(context.name(), "idle", new IdleStateHandler(0, 0, IDLE_SECONDS))
                    .addBefore(context.name(), "http", new HttpServerCodec())
                    .addBefore(
                            context.name(),
                            "compressor",
                            new HttpContentCompressor(StandardCompressionOptions.gzip()))
                    .addBefore(context.name(), "body", new HttpObjectAggregator(MAX_BODY));
        }

        @Override
        protected void channelRead0(ChannelHandlerContext context, FullHttpRequest request) {
            if (request.decoderResult().isSuccess()) {
                answer(new Exchange(context, request));
            } else {
                context.close();
            }
        }

        @Override
        public void userEventTriggered(ChannelHandlerContext context, Object event) {
            if (event instanceof IdleStateEvent) {
                context.close();
            }
        }

        @Override
        public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
            context.close();
        }
    }

    /** A request and where its answer goes. */
    private record Exchange(ChannelHandlerContext context, FullHttpRequest request) {
        @Nullable String header(CharSequence name) {
            return request.headers().get(name);
        }

        void end(int status, String type, String body, String... headers) {
            boolean isHead = request.method().equals(HttpMethod.HEAD);
            byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
            ByteBuf content = isHead ? Unpooled.EMPTY_BUFFER : Unpooled.wrappedBuffer(bytes);
            FullHttpResponse response =
                    new DefaultFullHttpResponse(
                            HttpVersion.HTTP_1_1, HttpResponseStatus.valueOf(status), content);
            response.headers()
                    .set(HttpHeaderNames.CONTENT_TYPE, type)
                    .set(HttpHeaderNames.CONTENT_LENGTH, bytes.length)
                    .set(HttpHeaderNames.CACHE_CONTROL, "no-store")
                    .set("X-Content-Type-Options", "nosniff")
                    .set("Content-Security-Policy", POLICY);
            for (int i = 0; i < headers.length; i += 2) {
                response.headers().set(headers[i], headers[i + 1]);
            }
            boolean isKept = HttpUtil.isKeepAlive(request);
            HttpUtil.setKeepAlive(response, isKept);
            ChannelFuture sent = context.writeAndFlush(response);
            if (!isKept) {
                sent.addListener(ChannelFutureListener.CLOSE);
            }
        }
    }

    private void answer(Exchange exchange) {
        FullHttpRequest request = exchange.request();
        String uri = request.uri();
        int query = uri.indexOf('?');
        String path = query < 0 ? uri : uri.substring(0, query);
        boolean isPost = request.method().equals(HttpMethod.POST);
        boolean isRead =
                request.method().equals(HttpMethod.GET) || request.method().equals(HttpMethod.HEAD);
        if (!isPost && !isRead) {
            exchange.end(405, "text/plain", "method not allowed\n");
        } else if (path.equals("/metrics") && isRead) {
            Exposition out = new Exposition();
            MetricsText.write(out, desk);
            more.writeTo(out);
            exchange.end(200, Exposition.CONTENT_TYPE, out.text());
        } else if (path.equals("/health") && isRead) {
            exchange.end(200, "text/plain", "ok\n");
        } else {
            statistics(exchange, path, isPost);
        }
    }

    private void statistics(Exchange exchange, String path, boolean isPost) {
        int options = path.indexOf(';');
        String base = options < 0 ? path : path.substring(0, options);
        List<String> wanted =
                options < 0 ? List.of() : List.of(path.substring(options + 1).split(";", -1));
        if (!isPage(base)) {
            exchange.end(404, "text/plain", "nothing here: the page is at /\n");
        } else if (isPost) {
            act(exchange, base);
        } else if (!mayLook(exchange)) {
            challenge(exchange);
        } else if (wanted.contains("csv")) {
            exchange.end(200, "text/plain", StatText.csv(StatRows.of(desk.services())));
        } else if (wanted.contains("json")) {
            exchange.end(200, "application/json", StatText.json(StatRows.of(desk.services())));
        } else {
            boolean isStill = wanted.contains("norefresh");
            exchange.end(
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

    private boolean mayLook(Exchange exchange) {
        StatsSettings now = settings;
        return now.reader() == null
                || isLogin(exchange, now.reader())
                || isLogin(exchange, now.admin());
    }

    private static boolean isLogin(Exchange exchange, StatsSettings.@Nullable Login login) {
        String header = exchange.header("Authorization");
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

    private static void challenge(Exchange exchange) {
        exchange.end(
                401,
                "text/plain",
                "a password is needed\n",
                "WWW-Authenticate",
                "Basic realm=\"pgnode gateway\"");
    }

    private void act(Exchange exchange, String base) {
        if (settings.admin() == null) {
            exchange.end(403, "text/plain", "there is no admin, so nobody may change anything\n");
            return;
        }
        if (!isLogin(exchange, settings.admin())) {
            challenge(exchange);
            return;
        }
        Map<String, List<String>> form =
                new QueryStringDecoder(
                                exchange.request().content().toString(StandardCharsets.UTF_8),
                                StandardCharsets.UTF_8,
                                false)
                        .parameters();
        if (!isOurs(exchange, form)) {
            exchange.end(403, "text/plain", "the page is out of date: load it again\n");
            return;
        }
        String result = perform(form);
        exchange.end(303, "text/plain", result + "\n", "Location", base + ";st=" + result);
    }

    /** The form is one of ours, and not sent by a page of somebody else. */
    private boolean isOurs(Exchange exchange, Map<String, List<String>> form) {
        String origin = exchange.header("Origin");
        String host = exchange.header("Host");
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
}
