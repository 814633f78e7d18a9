package io.millrace.infra;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.tngtech.archunit.core.domain.JavaClass;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.domain.JavaModifier;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.io.StringWriter;
import java.net.URI;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import javax.tools.JavaFileObject;
import javax.tools.SimpleJavaFileObject;
import javax.tools.ToolProvider;

/** Classes that break a rule, compiled for one test alone: they stand in packages of main code. */
final class WrongClasses {

    private WrongClasses() {}

    /** @return a class of the package that knows the others */
    static String knowing(String inPackage, List<JavaClass> others) {
        return "package " + inPackage + ";\nclass Wrong {\n    Class<?>[] known = {"
                + others.stream().map(other -> other.getName() + ".class").collect(Collectors.joining(", "))
                + "};\n}\n";
    }

    /** @return the first public class in one of the packages that are asked for */
    static Optional<JavaClass> example(Predicate<String> packages) {
        return MainClasses.ALL.stream()
                .filter(type -> packages.test(type.getPackageName()))
                .filter(type -> type.isTopLevelClass() && type.getModifiers().contains(JavaModifier.PUBLIC))
                .min(Comparator.comparing(JavaClass::getName));
    }

    /**
     * @param folder where they are compiled to
     * @param sources with a package, and one class that is called Wrong
     */
    static JavaClasses compiled(Path folder, List<String> sources) {
        StringWriter said = new StringWriter();
        List<String> options =
                List.of("-d", folder.toString(), "-proc:none", "-classpath", System.getProperty("java.class.path"));
        boolean done = ToolProvider.getSystemJavaCompiler()
                .getTask(
                        said,
                        null,
                        null,
                        options,
                        null,
                        sources.stream().map(Source::new).toList())
                .call();
        assertTrue(done, said::toString);
        return new ClassFileImporter().importPath(folder);
    }

    private static final class Source extends SimpleJavaFileObject {
        private final String text;

        private Source(String text) {
            super(URI.create("text:///Wrong.java"), JavaFileObject.Kind.SOURCE);
            this.text = text;
        }

        @Override
        public CharSequence getCharContent(boolean ignoreEncodingErrors) {
            return text;
        }
    }
}
