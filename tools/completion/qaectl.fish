# SPDX-License-Identifier: BSD-3-Clause
# fish completion for qaectl. The program itself knows what may come next.

function __qaectl_complete
    set -l current (commandline -ct)
    set -l words (commandline -opc) "$current"
    for candidate in (qaectl __complete $words[2..-1] 2>/dev/null)
        if test "$candidate" = :files
            __fish_complete_path (string replace -r '^--[a-z-]+=' '' -- "$current")
        else
            echo $candidate
        end
    end
end

complete -c qaectl -f -a '(__qaectl_complete)'
