/**
 * PostgreSQL's protocol, version 3: the frames and messages that go over a connection, logins and
 * their secrets, cancel keys.
 *
 * <p>Nothing here holds a connection. Readers take bytes that may end anywhere and never trust a
 * length: each is checked before anything is allocated by it. Source: PostgreSQL's documentation,
 * chapter "Frontend/Backend Protocol".
 */
@NullMarked
package io.pgnode.wire;

import org.jspecify.annotations.NullMarked;
