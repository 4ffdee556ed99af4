package io.pgnode.config;

/** Rules of every section with a password. */
final class PasswordCheck {
    private PasswordCheck() {}

    static void run(String section, Passworded passworded, Findings findings) {
        String file = section + ".password-file";
        if (passworded.password().isPresent() && passworded.passwordFile().isPresent()) {
            findings.add(
                    file,
                    "both " + section + ".password and " + file + " are given",
                    "keep one of them");
        }
        passworded.passwordFile().ifPresent(path -> FileCheck.secret(file, path, findings));
    }

    /** A user and a password need each other. */
    static void pair(String section, boolean hasUser, Passworded passworded, Findings findings) {
        boolean hasPassword =
                passworded.password().isPresent() || passworded.passwordFile().isPresent();
        String user = section + ".username";
        String password =
                passworded.passwordFile().isPresent()
                        ? section + ".password-file"
                        : section + ".password";
        if (hasUser && !hasPassword && !findings.isBroken(password)) {
            findings.add(
                    user,
                    user + " is given without a password",
                    "add " + section + ".password or " + section + ".password-file");
        }
        if (hasPassword && !hasUser && !findings.isBroken(user)) {
            findings.add(password, password + " is given without " + user, "add " + user);
        }
    }
}
