package io.pgnode.gateway.pooler.console;

import org.jspecify.annotations.Nullable;

/**
 * A setting as SHOW CONFIG prints it.
 *
 * @param otherwise the default; null for none
 * @param isChangeable without a restart
 */
public record ConfigLine(
        String key, @Nullable String value, @Nullable String otherwise, boolean isChangeable) {}
