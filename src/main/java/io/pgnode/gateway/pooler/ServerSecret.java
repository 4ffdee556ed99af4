package io.pgnode.gateway.pooler;

import io.pgnode.wire.ScramKeys;

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
}
