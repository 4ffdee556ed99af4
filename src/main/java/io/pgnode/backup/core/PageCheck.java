package io.pgnode.backup.core;

import java.util.List;

/**
 * What the check of a file's pages said.
 *
 * @param valid whether all checksums were right
 * @param errors the wrong pages in order; may be empty for a file that is not whole pages
 */
public record PageCheck(boolean valid, List<Pages> errors) {
    public static final PageCheck VALID = new PageCheck(true, List.of());

    public PageCheck {
        errors = List.copyOf(errors);
    }

    /** Pages in a row, by their number in the relation; both ends belong to it. */
    public record Pages(long first, long last) {}

    public static PageCheck invalid(List<Pages> errors) {
        return new PageCheck(false, errors);
    }
}
