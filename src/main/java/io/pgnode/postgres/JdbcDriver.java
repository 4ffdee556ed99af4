package io.pgnode.postgres;

import java.sql.Driver;
import java.sql.SQLException;

/** PgJDBC's driver. */
public final class JdbcDriver {
    private JdbcDriver() {}

    /**
     * By name: the class file of PgJDBC's driver carries annotations that the compiler cannot
     * resolve, and DriverManager does not see it from every class loader.
     */
    public static Driver create() throws SQLException {
        try {
            return Class.forName("org.postgresql.Driver")
                    .asSubclass(Driver.class)
                    .getDeclaredConstructor()
                    .newInstance();
        } catch (ReflectiveOperationException e) {
            throw new SQLException("the PostgreSQL driver is not on the class path", e);
        }
    }
}
