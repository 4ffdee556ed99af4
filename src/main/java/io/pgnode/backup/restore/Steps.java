package io.pgnode.backup.restore;

import java.io.IOException;

/** Is told before each change of the disk; tests stop the work there. */
@FunctionalInterface
interface Steps {
    Steps NONE = _ -> {};

    /**
     * @param what is about to be done
     * @throws IOException to stop as a killed process does
     */
    void before(String what) throws IOException;
}
