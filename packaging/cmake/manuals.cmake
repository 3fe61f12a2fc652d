# Target manuals: manual pages, completions and the handbook of codes, written by the programs themselves.
#   generated/man/NAME.1, generated/man/zh_CN/NAME.1, generated/completion/NAME.bash, generated/completion/_NAME
#   generated/document/HANDBOOK.md
set(manuals)
set(man ${CMAKE_BINARY_DIR}/generated/man)
set(completion ${CMAKE_BINARY_DIR}/generated/completion)
set(document ${CMAKE_BINARY_DIR}/generated/document)
foreach(program qianzhi qianzhi-hub qianzhi-desk)
  set(files ${man}/${program}.1 ${man}/zh_CN/${program}.1 ${completion}/${program}.bash ${completion}/_${program})
  set(run COMMAND ${CMAKE_COMMAND} -E env LANG=C $<TARGET_FILE:${program}>)
  add_custom_command(OUTPUT ${files}
    COMMAND ${CMAKE_COMMAND} -E make_directory ${man}/zh_CN ${completion}
    ${run} man --lang en > ${man}/${program}.1
    ${run} man --lang zh > ${man}/zh_CN/${program}.1
    ${run} completion bash > ${completion}/${program}.bash
    ${run} completion zsh > ${completion}/_${program}
    DEPENDS ${program} VERBATIM)
  list(APPEND manuals ${files})
endforeach()
add_custom_command(OUTPUT ${man}/qianzhi-demo.1 ${man}/zh_CN/qianzhi-demo.1
  COMMAND ${CMAKE_COMMAND} -E make_directory ${man}/zh_CN
  COMMAND qianzhi-demo --manual en > ${man}/qianzhi-demo.1
  COMMAND qianzhi-demo --manual zh > ${man}/zh_CN/qianzhi-demo.1
  DEPENDS qianzhi-demo VERBATIM)
add_custom_command(OUTPUT ${document}/HANDBOOK.md
  COMMAND ${CMAKE_COMMAND} -E make_directory ${document}
  COMMAND ${CMAKE_COMMAND} -E env LANG=C $<TARGET_FILE:qianzhi> explain --handbook > ${document}/HANDBOOK.md
  DEPENDS qianzhi VERBATIM)
list(APPEND manuals ${man}/qianzhi-demo.1 ${man}/zh_CN/qianzhi-demo.1 ${document}/HANDBOOK.md)
add_custom_target(manuals ALL DEPENDS ${manuals})
