package dev.skep.proto;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.api.AnnotationsProto;
import com.google.api.HttpRule;
import com.google.protobuf.DescriptorProtos.DescriptorProto;
import com.google.protobuf.DescriptorProtos.EnumDescriptorProto;
import com.google.protobuf.DescriptorProtos.FieldDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorProto;
import com.google.protobuf.DescriptorProtos.FileDescriptorSet;
import com.google.protobuf.DescriptorProtos.MethodDescriptorProto;
import com.google.protobuf.DescriptorProtos.ServiceDescriptorProto;
import com.google.protobuf.DescriptorProtos.SourceCodeInfo;
import com.google.protobuf.ExtensionRegistry;
import dev.skep.v1.About;
import dev.skep.v1.AccessProto;
import dev.skep.v1.Permission;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The rules that every .proto file of ours follows. */
final class ProtoLintTest {
  /** Fields whose name says everything; ends of names that say what a value is or counts in. */
  private static final Set<String> OBVIOUS =
      Set.of(
          "id",
          "name",
          "hostname",
          "kernel",
          "version",
          "sequence",
          "generation",
          "labels",
          "argv");

  /** Last words of names of fields that hold what somebody carries or types to be let in. */
  private static final Set<String> SECRETS = Set.of("password", "secret", "code", "token");

  /** The last one is the id of a token. */
  /** Tokens of pages, and names and ids of what is secret. */
  private static final List<String> NO_SECRETS =
      List.of(
          "page_token",
          "RevokeTokenRequest.token",
          "SecretRequest.secret",
          "SecretVersionRequest.secret",
          "SecretUse.secret",
          "PinnedSecret.secret");

  private static final List<String> OBVIOUS_ENDS =
      List.of("_id", "_name", "_version", "_number", "_time", "_bytes", "_millis", "_nanos");

  /** Permissions that somebody can have on a single service. */
  private static final Set<Permission> OF_SERVICES =
      Set.of(
          Permission.PERMISSION_SERVICES_READ,
          Permission.PERMISSION_SERVICES_WRITE,
          Permission.PERMISSION_SERVICES_OPERATE,
          Permission.PERMISSION_LOGS_READ);

  private static final List<FileDescriptorProto> FILES = load();

  @Test
  void packageIsDirectory() {
    for (FileDescriptorProto file : FILES) {
      String directory = file.getName().substring(0, file.getName().lastIndexOf('/'));
      assertThat(file.getPackage()).as(file.getName()).isEqualTo(directory.replace('/', '.'));
      assertThat(file.getPackage()).matches("skep(\\.[a-z]+)?\\.v\\d+");
      assertThat(file.getOptions().getJavaPackage()).isEqualTo("dev." + file.getPackage());
      assertThat(file.getOptions().getJavaMultipleFiles()).as(file.getName()).isTrue();
    }
  }

  @Test
  void atMostOneServicePerFile() {
    for (FileDescriptorProto file : FILES) {
      assertThat(file.getServiceCount()).as(file.getName()).isLessThanOrEqualTo(1);
    }
    assertThat(services().map(ServiceDescriptorProto::getName))
        .doesNotHaveDuplicates()
        .allMatch(name -> name.endsWith("Service"))
        .contains("ServicesService", "AgentService");
  }

  @Test
  void everyRpcHasItsOwnRequestAndResponse() {
    for (FileDescriptorProto file : FILES) {
      for (ServiceDescriptorProto service : file.getServiceList()) {
        for (MethodDescriptorProto rpc : service.getMethodList()) {
          String prefix = "." + file.getPackage() + "." + rpc.getName();
          assertThat(rpc.getInputType()).isEqualTo(prefix + "Request");
          assertThat(rpc.getOutputType()).isEqualTo(prefix + "Response");
        }
      }
    }
  }

  @Test
  void enumsStartUnspecifiedAndCarryTheirPrefix() {
    for (Element element : elements()) {
      if (element.message instanceof EnumDescriptorProto type) {
        String prefix = type.getName().replaceAll("(?<=[a-z0-9])(?=[A-Z])", "_");
        String upper = prefix.toUpperCase(Locale.ROOT) + "_";
        assertThat(type.getValue(0).getName()).isEqualTo(upper + "UNSPECIFIED");
        assertThat(type.getValue(0).getNumber()).isZero();
        assertThat(type.getValueList())
            .as(element.name)
            .allMatch(value -> value.getName().startsWith(upper));
      }
    }
  }

  @Test
  void fieldsAreLowerSnakeCase() {
    assertThat(elements().stream().filter(e -> e.message instanceof FieldDescriptorProto))
        .isNotEmpty()
        .allMatch(
            e ->
                ((FieldDescriptorProto) e.message)
                    .getName()
                    .matches("[a-z][a-z0-9]*(_[a-z0-9]+)*"));
  }

  @Test
  void everythingSaysWhatItIs() {
    List<String> silent =
        elements().stream()
            .filter(e -> e.comment.isBlank() && !obvious(e))
            .map(Element::name)
            .toList();

    assertThat(silent).isEmpty();
  }

  @Test
  void httpPathsAreUnique() {
    List<String> routes =
        services()
            .flatMap(service -> service.getMethodList().stream())
            // A stream may share the path of a list, where a parameter asks for it.
            .filter(rpc -> !rpc.getServerStreaming())
            .map(rpc -> rpc.getOptions().getExtension(AnnotationsProto.http))
            .flatMap(
                rule -> Stream.concat(Stream.of(rule), rule.getAdditionalBindingsList().stream()))
            .filter(rule -> rule.getPatternCase() != HttpRule.PatternCase.PATTERN_NOT_SET)
            .map(ProtoLintTest::route)
            .toList();

    assertThat(routes).doesNotHaveDuplicates().hasSizeGreaterThan(15);
    assertThat(routes).allMatch(route -> route.matches("[A-Z]+ /api/[a-z{}/-]+"), "is under /api");
  }

  /** What nobody should read is left out of the audit trail, which knows it by its mark. */
  @Test
  void whatNobodyShouldReadIsMarked() {
    List<String> unmarked =
        elements().stream()
            .filter(
                e ->
                    e.message instanceof FieldDescriptorProto field
                        && field.getType() == FieldDescriptorProto.Type.TYPE_STRING
                        && SECRETS.contains(field.getName().replaceFirst("^.*_", ""))
                        && NO_SECRETS.stream().noneMatch(e.name::endsWith)
                        && e.name.startsWith("skep.v1.")
                        && !field.getOptions().getExtension(AccessProto.sensitive))
            .map(Element::name)
            .toList();

    assertThat(unmarked).isEmpty();
  }

  /** Agents are known by their certificates. */
  @Test
  void everyCallOfPeopleSaysWhatItNeeds() {
    List<String> silent =
        FILES.stream()
            .filter(file -> !file.getPackage().equals("skep.agent.v1"))
            .flatMap(file -> file.getServiceList().stream())
            .flatMap(service -> service.getMethodList().stream())
            .filter(
                rpc ->
                    rpc.getOptions().getExtension(AccessProto.permission)
                        == Permission.PERMISSION_UNSPECIFIED)
            .map(MethodDescriptorProto::getName)
            .toList();

    assertThat(silent).isEmpty();
  }

  /** Else nobody knew what grants on single services are worth. */
  @Test
  void everyCallThatNeedsAPermissionOfServicesSaysWhatItIsAbout() {
    List<MethodDescriptorProto> ofServices =
        services()
            .flatMap(service -> service.getMethodList().stream())
            .filter(
                rpc -> OF_SERVICES.contains(rpc.getOptions().getExtension(AccessProto.permission)))
            .toList();

    assertThat(ofServices)
        .hasSizeGreaterThan(20)
        .noneMatch(rpc -> about(rpc) == About.ABOUT_UNSPECIFIED);
    assertThat(ofServices.stream().filter(rpc -> about(rpc) == About.ABOUT_SERVICE))
        .allMatch(rpc -> namesAService(rpc.getName() + "Request"));
  }

  private static About about(MethodDescriptorProto rpc) {
    return rpc.getOptions().getExtension(AccessProto.about);
  }

  private static boolean namesAService(String request) {
    return FILES.stream()
        .flatMap(file -> file.getMessageTypeList().stream())
        .filter(type -> type.getName().equals(request))
        .flatMap(type -> type.getFieldList().stream())
        .anyMatch(
            field ->
                field.getName().equals("service")
                    && field.getType() == FieldDescriptorProto.Type.TYPE_STRING
                    && field.getLabel() != FieldDescriptorProto.Label.LABEL_REPEATED);
  }

  /** Method and path; a parameter's name does not make a path another one. */
  private static String route(HttpRule rule) {
    String route =
        switch (rule.getPatternCase()) {
          case GET -> "GET " + rule.getGet();
          case POST -> "POST " + rule.getPost();
          case PATCH -> "PATCH " + rule.getPatch();
          case PUT -> "PUT " + rule.getPut();
          case DELETE -> "DELETE " + rule.getDelete();
          case CUSTOM, PATTERN_NOT_SET -> "";
        };
    return route.replaceAll("\\{[^}]*}", "{}");
  }

  /** A field of a type of ours is explained by its type. */
  private static boolean obvious(Element element) {
    return element.message instanceof FieldDescriptorProto field
        && (OBVIOUS.contains(field.getName())
            || OBVIOUS_ENDS.stream().anyMatch(field.getName()::endsWith)
            || field.getTypeName().startsWith(".skep."));
  }

  private static Stream<ServiceDescriptorProto> services() {
    return FILES.stream().flatMap(file -> file.getServiceList().stream());
  }

  /** A message, enum, service, rpc or field with its comment. */
  private record Element(String name, Object message, String comment) {}

  private static List<Element> elements() {
    List<Element> elements = new ArrayList<>();
    FILES.forEach(file -> new Walk(file, elements).run());
    return elements;
  }

  /** Visits a file by the paths under which its source info keeps comments. */
  private static final class Walk {
    private final FileDescriptorProto file;
    private final List<Element> elements;
    private final Map<List<Integer>, String> comments = new HashMap<>();

    Walk(FileDescriptorProto file, List<Element> elements) {
      this.file = file;
      this.elements = elements;
      for (SourceCodeInfo.Location location : file.getSourceCodeInfo().getLocationList()) {
        comments.put(location.getPathList(), location.getLeadingComments());
      }
    }

    void run() {
      for (int i = 0; i < file.getMessageTypeCount(); i++) {
        message(file.getMessageType(i), file.getPackage(), List.of(4, i));
      }
      for (int i = 0; i < file.getEnumTypeCount(); i++) {
        add(file.getEnumType(i), file.getEnumType(i).getName(), List.of(5, i));
      }
      for (int i = 0; i < file.getServiceCount(); i++) {
        ServiceDescriptorProto service = file.getService(i);
        add(service, service.getName(), List.of(6, i));
        for (int j = 0; j < service.getMethodCount(); j++) {
          add(service.getMethod(j), service.getMethod(j).getName(), List.of(6, i, 2, j));
        }
      }
    }

    private void message(DescriptorProto type, String parent, List<Integer> path) {
      if (type.getOptions().getMapEntry()) {
        return;
      }
      String name = parent + "." + type.getName();
      add(type, name, path);
      for (int i = 0; i < type.getFieldCount(); i++) {
        add(type.getField(i), name + "." + type.getField(i).getName(), child(path, 2, i));
      }
      for (int i = 0; i < type.getNestedTypeCount(); i++) {
        message(type.getNestedType(i), name, child(path, 3, i));
      }
      for (int i = 0; i < type.getEnumTypeCount(); i++) {
        add(type.getEnumType(i), name + "." + type.getEnumType(i).getName(), child(path, 4, i));
      }
    }

    private void add(Object message, String name, List<Integer> path) {
      elements.add(new Element(name, message, comments.getOrDefault(path, "")));
    }

    private static List<Integer> child(List<Integer> path, int kind, int index) {
      List<Integer> child = new ArrayList<>(path);
      child.add(kind);
      child.add(index);
      return child;
    }
  }

  private static List<FileDescriptorProto> load() {
    ExtensionRegistry extensions = ExtensionRegistry.newInstance();
    AnnotationsProto.registerAllExtensions(extensions);
    AccessProto.registerAllExtensions(extensions);
    try (InputStream in = ProtoLintTest.class.getResourceAsStream("/skep.protoset")) {
      return FileDescriptorSet.parseFrom(in, extensions).getFileList().stream()
          .filter(file -> file.getName().startsWith("skep/"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
