package io.pgnode.gateway.pooler;

import io.pgnode.wire.Md5Password;
import io.pgnode.wire.ScramKeys;
import io.pgnode.wire.ScramSecret;
import org.jspecify.annotations.Nullable;

/** What we know of a role's password when we log in to a server as that role. */
sealed interface ServerSecret {
    /** Nothing: the server must trust us. */
    record None() implements ServerSecret {}

    record Plain(String password) implements ServerSecret {
        @Override
        public String toString() {
            return "Plain";
        }
    }

    /** {@code md5} and 32 hexadecimal digits. */
    record Md5(String stored) implements ServerSecret {
        @Override
        public String toString() {
            return "Md5";
        }
    }

    /** Left behind by a client's own login. */
    record Scram(ScramKeys keys) implements ServerSecret {}

    /** What a stored secret is good for; null is none, and a SCRAM one cannot log in anywhere. */
    static ServerSecret of(@Nullable String stored) {
        if (stored == null || ScramSecret.parse(stored).isPresent()) {
            return new None();
        }
        return Md5Password.isStored(stored) ? new Md5(stored) : new Plain(stored);
    }
}
