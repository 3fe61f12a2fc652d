# Target manuals: manual pages and completions of the three programs, written by themselves.
#   generated/man/NAME.1, generated/man/zh_CN/NAME.1, generated/completion/NAME.bash, generated/completion/_NAME
set(manuals)
foreach(program qianzhi qianzhi-hub qianzhi-desk)
  set(man ${CMAKE_BINARY_DIR}/generated/man)
  set(completion ${CMAKE_BINARY_DIR}/generated/completion)
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
add_custom_target(manuals DEPENDS ${manuals})
