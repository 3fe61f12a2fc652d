# Compiler settings and the small vocabulary that every CMakeLists.txt of this repository uses.

set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_CXX_VISIBILITY_PRESET hidden)
set(CMAKE_VISIBILITY_INLINES_HIDDEN ON)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/bin)

option(QIANZHI_WERROR "Treat warnings as errors" ON)
set(QIANZHI_SANITIZE "" CACHE STRING "Sanitizers, as for -fsanitize= (empty: none)")

option(QIANZHI_UNITY "Compile each library and test as one unit: half the work if all is new, more after a change" OFF)
option(QIANZHI_HEADERS "Compile every header on its own, too" OFF)

# Named kill points for the crash tests; a package is built without them.
option(QIANZHI_CRASH_POINTS "Let QIANZHI_CRASH_AT kill the programs at named points" ON)

find_program(CCACHE ccache)
if(CCACHE)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CCACHE})
endif()

find_package(Threads REQUIRED)
find_package(OpenSSL 3.0 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(Protobuf REQUIRED)
find_package(zstd CONFIG REQUIRED)
find_package(yaml-cpp REQUIRED)
find_package(Poco REQUIRED COMPONENTS Foundation Net NetSSL Crypto Util JSON Zip)
find_package(PostgreSQL REQUIRED)

add_library(qz_settings INTERFACE)
target_include_directories(qz_settings INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(qz_settings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Wold-style-cast
  -Woverloaded-virtual -Wdouble-promotion -Wformat=2 $<$<CXX_COMPILER_ID:Clang>:-Wnull-dereference>
  $<$<BOOL:${QIANZHI_WERROR}>:-Werror>)
target_compile_definitions(qz_settings INTERFACE QIANZHI_VERSION="${PROJECT_VERSION}"
  $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
target_link_libraries(qz_settings INTERFACE Threads::Threads)
# In one unit what two files define apart seems to shadow, and a .cpp file, being included, to be a header; and it is
# included by its whole path, which no program should tell.
set(is_unity $<BOOL:$<TARGET_PROPERTY:UNITY_BUILD>>)
target_compile_options(qz_settings INTERFACE
  $<${is_unity}:-Wno-shadow;-fmacro-prefix-map=${PROJECT_SOURCE_DIR}/=>
  $<$<AND:${is_unity},$<CXX_COMPILER_ID:GNU>>:-Wno-subobject-linkage>)
if(QIANZHI_SANITIZE)
  # The first finding ends the program, so that its test fails.
  add_compile_options(-fsanitize=${QIANZHI_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
  add_link_options(-fsanitize=${QIANZHI_SANITIZE})
  # What sanitizers add to the code makes g++ see flows that are not there, also inside the standard library.
  target_compile_options(qz_settings INTERFACE
    $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized;-Wno-null-dereference>)
endif()

# qz_unity(NAME): its files are one unit where that is wanted. No two of them may define the same name apart.
function(qz_unity NAME)
  if(QIANZHI_UNITY)
    set_target_properties(${NAME} PROPERTIES UNITY_BUILD ON UNITY_BUILD_BATCH_SIZE 0)
  endif()
endfunction()

# qz_library(NAME SOURCES ... [LINKS ...] [PRIVATE ...]): one static library a folder. LINKS are what its headers
# need, PRIVATE what only its .cpp files need (third-party libraries belong there).
function(qz_library NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS;PRIVATE" ${ARGN})
  add_library(${NAME} STATIC ${ARG_SOURCES})
  target_link_libraries(${NAME} PUBLIC qz_settings ${ARG_LINKS} PRIVATE ${ARG_PRIVATE})
  qz_unity(${NAME})
endfunction()

# qz_program(NAME SOURCES ... LINKS ...): an executable in build/bin.
function(qz_program NAME)
  cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
  add_executable(${NAME} ${ARG_SOURCES})
  target_link_libraries(${NAME} PRIVATE qz_settings ${ARG_LINKS})
endfunction()

# qz_proto(NAME FILES ...): generated messages; included as "folder/name.pb.h" with the path from the root.
function(qz_proto NAME)
  cmake_parse_arguments(ARG "" "" "FILES;LINKS" ${ARGN})
  set(generated)
  foreach(file ${ARG_FILES})
    get_filename_component(stem ${file} NAME_WE)
    file(RELATIVE_PATH folder ${PROJECT_SOURCE_DIR} ${CMAKE_CURRENT_SOURCE_DIR})
    set(base ${CMAKE_BINARY_DIR}/generated/${folder}/${stem})
    add_custom_command(OUTPUT ${base}.pb.cc ${base}.pb.h
      COMMAND ${CMAKE_COMMAND} -E make_directory ${CMAKE_BINARY_DIR}/generated
      COMMAND protobuf::protoc -I ${PROJECT_SOURCE_DIR} --cpp_out=${CMAKE_BINARY_DIR}/generated
              ${CMAKE_CURRENT_SOURCE_DIR}/${file}
      DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/${file} VERBATIM)
    list(APPEND generated ${base}.pb.cc)
  endforeach()
  add_library(${NAME} STATIC ${generated})
  target_compile_options(${NAME} PRIVATE -w)
  target_include_directories(${NAME} SYSTEM PUBLIC ${CMAKE_BINARY_DIR}/generated)
  target_link_libraries(${NAME} PUBLIC protobuf::libprotobuf-lite ${ARG_LINKS})
  qz_unity(${NAME})
endfunction()

# qz_reference(NAMESPACE SYMBOL FILE): SYMBOL.cpp of a file in conf/reference, which programs show that have no files
# beside them.
function(qz_reference NAMESPACE SYMBOL FILE)
  set(source ${PROJECT_SOURCE_DIR}/conf/reference/${FILE})
  set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${source})
  file(READ ${source} text)
  file(CONFIGURE OUTPUT ${SYMBOL}.cpp @ONLY CONTENT "#include <string_view>
namespace qianzhi::@NAMESPACE@ {
extern const std::string_view @SYMBOL@;
const std::string_view @SYMBOL@ = R\"yaml(@text@)yaml\";
}
")
endfunction()
