package io.pgnode.gateway.pooler;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.pgnode.gateway.pooler.core.SessionSettings;
import io.pgnode.wire.BackendMessages;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/**
 * What a pool's clients are greeted with: the parameters that its servers report. Learned from the
 * first server, so that later logins need none. Safe on any thread.
 */
final class Welcome {
    private static final int MAX_KEPT = 200;

    private final Map<String, String> reported;
    private final SessionSettings settings = new SessionSettings();
    private final Map<List<Map.Entry<String, String>>, Greeting> greetings =
            new ConcurrentHashMap<>();

    Welcome(Map<String, String> reported) {
        this.reported = new LinkedHashMap<>(reported);
        reported.forEach(settings::put);
    }

    /** Whether a server reports just this. */
    boolean says(Map<String, String> parameters) {
        return reported.equals(parameters);
    }

    /** For a client of that role, by what a server told another one. */
    Welcome lentTo(String user, boolean isPrimary) {
        Map<String, String> its = new LinkedHashMap<>(reported);
        its.computeIfPresent("session_authorization", (_, _) -> user);
        its.computeIfPresent("is_superuser", (_, _) -> "off");
        if (isPrimary) {
            its.computeIfPresent("in_hot_standby", (_, _) -> "off");
        }
        return new Welcome(its);
    }

    /**
     * For a client that asks for these settings. Those of an application ask for the same again and
     * again, and then share them, so that nobody has to compare them.
     *
     * @param asked by name, in the order they are to be applied; does not change any more
     */
    Greeting greeting(Map<String, String> asked) {
        List<Map.Entry<String, String>> key = new ArrayList<>(asked.entrySet());
        Greeting known = greetings.get(key);
        if (known == null) {
            SessionSettings its = new SessionSettings();
            its.share(settings);
            asked.forEach(its::put);
            known = new Greeting(its, encoded(its));
            if (greetings.size() < MAX_KEPT) {
                greetings.put(key, known);
            }
        }
        return known;
    }

    /** What clients that ask for the same settings have in common. */
    static final class Greeting {
        private final SessionSettings settings;
        private final byte[] message;

        private Greeting(SessionSettings settings, byte[] message) {
            this.settings = settings;
            this.message = message;
        }

        /** Of a new session; others have them too, see {@link SessionSettings#share}. */
        SessionSettings settings() {
            return settings;
        }

        /** AuthenticationOk and the parameters. */
        void writeTo(ByteBuf out) {
            out.writeBytes(message);
        }
    }

    private byte[] encoded(SessionSettings client) {
        ByteBuf out = Unpooled.buffer(512);
        BackendMessages.authenticationOk(out);
        reported.forEach(
                (name, value) ->
                        BackendMessages.parameterStatus(
                                out,
                                name,
                                client.values()
                                        .getOrDefault(name.toLowerCase(Locale.ROOT), value)));
        byte[] bytes = new byte[out.readableBytes()];
        out.readBytes(bytes);
        return bytes;
    }
}
