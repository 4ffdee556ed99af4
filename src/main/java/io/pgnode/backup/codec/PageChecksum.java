package io.pgnode.backup.codec;

/** PostgreSQL's checksum of a page. */
public final class PageChecksum {
    private PageChecksum() {}

    /**
     * What the page's header should hold, 1 to 65535.
     *
     * @param block of the relation, counted over all its segment files
     */
    public static int compute(byte[] page, int offset, int pageSize, long block) {
        throw new UnsupportedOperationException(page.length + " " + offset + pageSize + block);
    }

    /**
     * Whether the page is as PostgreSQL wrote it: checksum right, or all zero, as new pages are.
     */
    public static boolean isValid(byte[] page, int offset, int pageSize, long block) {
        throw new UnsupportedOperationException(page.length + " " + offset + pageSize + block);
    }
}
