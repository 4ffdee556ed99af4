package io.pgnode.gateway.pooler.hba;

import java.util.List;
import java.util.Optional;

/** The rules of pg_hba.conf: the first that fits decides. */
public record Hba(List<HbaLine> lines) {
    public Hba {
        lines = List.copyOf(lines);
    }

    /** Empty when no rule fits, which is a refusal. */
    public Optional<HbaLine> find(Login login) {
        for (HbaLine line : lines) {
            if (line.fits(login)) {
                return Optional.of(line);
            }
        }
        return Optional.empty();
    }
}
