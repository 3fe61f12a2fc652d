# What packages hold, Debian's and RPM's alike: programs, units, the catalogue, documents, examples. Target `shipped`
# builds all of it; `cmake --install` puts it below DESTDIR. Which package a file goes into is theirs to say.
include(GNUInstallDirs)
set(QIANZHI_ZSH ${CMAKE_INSTALL_DATADIR}/zsh/vendor-completions CACHE STRING "Where completions for zsh go")

set(programs qianzhi qianzhi-hub qianzhi-desk)
set(helpers qianzhi-queue-left)
foreach(name sqlite postgresql mysql odbc files)
  if(TARGET qianzhi-adapter-${name})
    list(APPEND helpers qianzhi-adapter-${name})
  endif()
endforeach()
add_custom_target(shipped)
add_dependencies(shipped ${programs} ${helpers} qianzhi-demo)
if(TARGET manuals)
  add_dependencies(shipped manuals)
endif()

install(TARGETS ${programs} qianzhi-demo RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(TARGETS ${helpers} RUNTIME DESTINATION ${CMAKE_INSTALL_LIBEXECDIR}/qianzhi)

file(GLOB units CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/systemd/*.service)
install(FILES ${units} DESTINATION lib/systemd/system)
foreach(part qianzhi qianzhi-hub qianzhi-desk)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/systemd/${part}.sysusers DESTINATION lib/sysusers.d RENAME ${part}.conf)
  install(FILES ${PROJECT_SOURCE_DIR}/packaging/systemd/${part}.tmpfiles DESTINATION lib/tmpfiles.d RENAME ${part}.conf)
endforeach()

# The catalogue as it was delivered, to check against; the hub's own copy, which its operator changes, is below /etc.
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/catalogue DESTINATION ${CMAKE_INSTALL_DATADIR}/qianzhi
  PATTERN README.md EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/catalogue DESTINATION /etc/qianzhi PATTERN README.md EXCLUDE)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/desk/ DESTINATION /etc/qianzhi
  PATTERN README.md EXCLUDE PATTERN desk.yaml EXCLUDE)

# The demonstration finds there what it finds in a checkout.
set(demo ${CMAKE_INSTALL_DATADIR}/qianzhi/demo)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/catalogue ${PROJECT_SOURCE_DIR}/conf/desk DESTINATION ${demo}/conf
  PATTERN README.md EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/conf/examples/services.yaml DESTINATION ${demo}/conf/examples)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/packaging/demo/config DESTINATION ${demo}/packaging/demo)
install(PROGRAMS ${PROJECT_SOURCE_DIR}/packaging/pki/make-pki DESTINATION ${demo}/packaging/pki)

set(documents ${CMAKE_INSTALL_DATADIR}/doc/qianzhi)
file(GLOB texts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/packaging/*.md)
# HANDBOOK.md is written by target `manuals`.
install(FILES ${PROJECT_SOURCE_DIR}/README.md ${texts} ${CMAKE_BINARY_DIR}/generated/document/HANDBOOK.md
  ${PROJECT_SOURCE_DIR}/hub-protocol/PROTOCOL.md
  ${PROJECT_SOURCE_DIR}/adapters/ADAPTERS.md ${PROJECT_SOURCE_DIR}/agent/ARCHITECTURE.md DESTINATION ${documents})
install(FILES ${PROJECT_SOURCE_DIR}/conf/catalogue/README.md DESTINATION ${documents}/catalogue)
install(FILES ${PROJECT_SOURCE_DIR}/conf/desk/README.md DESTINATION ${documents}/desk)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/conf/examples/ DESTINATION ${documents}/examples
  PATTERN __pycache__ EXCLUDE PATTERN tests EXCLUDE)
install(FILES ${PROJECT_SOURCE_DIR}/conf/desk/desk.yaml DESTINATION ${documents}/examples)
file(GLOB alerts CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/conf/alerts*.yaml)
install(FILES ${alerts} DESTINATION ${documents}/examples)
install(DIRECTORY ${PROJECT_SOURCE_DIR}/packaging/systemd/examples/ DESTINATION ${documents}/examples/systemd)

# Made by target `manuals`, as far as it is there: generated/man[/LANGUAGE]/*.1, generated/completion/PROGRAM.bash and
# generated/completion/_PROGRAM.
set(generated ${CMAKE_BINARY_DIR}/generated)
install(DIRECTORY ${generated}/man/ DESTINATION ${CMAKE_INSTALL_MANDIR}/man1 OPTIONAL FILES_MATCHING PATTERN *.1
  PATTERN zh_CN EXCLUDE)
install(DIRECTORY ${generated}/man/zh_CN/ DESTINATION ${CMAKE_INSTALL_MANDIR}/zh_CN/man1 OPTIONAL
  FILES_MATCHING PATTERN *.1)
install(DIRECTORY ${generated}/completion/ DESTINATION ${QIANZHI_ZSH} OPTIONAL FILES_MATCHING PATTERN _*)
install(CODE "
  file(GLOB scripts ${generated}/completion/*.bash)
  foreach(script \${scripts})
    get_filename_component(program \${script} NAME_WE)
    file(INSTALL \${script} DESTINATION \${CMAKE_INSTALL_PREFIX}/share/bash-completion/completions
      RENAME \${program})
  endforeach()")
