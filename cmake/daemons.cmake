# What is installed of each daemon, and the texts that come out of its configuration's table.
set(LENDLOCK_DAEMONS kiosk hub payment-adapter)

# cmake --build BUILD --target update-examples: after a change of a table.
add_custom_target(update-examples)

foreach(daemon IN LISTS LENDLOCK_DAEMONS)
    set(program lendlock-${daemon})
    if(NOT TARGET ${program})
        continue()
    endif()
    set(man ${PROJECT_BINARY_DIR}/man/${program}.8)
    set(sample ${PROJECT_BINARY_DIR}/examples/${daemon}.conf)
    # In an empty environment, lest a LENDLOCK_ variable of who builds gets into the texts.
    add_custom_command(OUTPUT ${man}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/man
        COMMAND env -i $<TARGET_FILE:${program}> --print-man > ${man}
        DEPENDS ${program})
    add_custom_command(OUTPUT ${sample}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_BINARY_DIR}/examples
        COMMAND env -i $<TARGET_FILE:${program}> --config=/dev/null --print-config > ${sample}
        DEPENDS ${program})
    add_custom_target(${program}-texts ALL DEPENDS ${man} ${sample})
    add_custom_target(update-example-${daemon}
        COMMAND ${CMAKE_COMMAND} -E make_directory ${PROJECT_SOURCE_DIR}/examples
        COMMAND ${CMAKE_COMMAND} -E copy ${sample} ${PROJECT_SOURCE_DIR}/examples
        DEPENDS ${sample})
    add_dependencies(update-examples update-example-${daemon})
    install(TARGETS ${program} RUNTIME DESTINATION ${CMAKE_INSTALL_SBINDIR})
    install(FILES ${man} DESTINATION ${CMAKE_INSTALL_MANDIR}/man8)
    install(FILES ${sample} DESTINATION ${CMAKE_INSTALL_DOCDIR}/examples)
    if(BUILD_TESTING)
        # When it fails, the target update-examples heals it.
        add_test(NAME sample-${daemon}
            COMMAND diff -u ${PROJECT_SOURCE_DIR}/examples/${daemon}.conf ${sample})
    endif()
endforeach()
