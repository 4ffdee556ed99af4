/**
 * A take-over from pgBackRest: its configuration files read as it reads them, and said in our keys.
 *
 * <p>{@code BackrestConfig} is what the files say, {@code Adoption} what that means for us: the
 * section {@code backup} of our configuration, files for the secrets, and a line about each key.
 */
@NullMarked
package io.pgnode.backup.adopt;

import org.jspecify.annotations.NullMarked;
