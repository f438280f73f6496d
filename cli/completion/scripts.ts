/**
 * The scripts that teach shells to complete. They hold no list of anything: each Tab asks the program itself
 * (`remora __complete`), so that a script that was saved once is never out of date.
 */

export const SHELLS = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof SHELLS)[number];

export function completionScript(shell: Shell): string {
  return { bash: BASH, zsh: ZSH, fish: FISH }[shell];
}

/** How to try it, and how to keep it. */
export const INSTALLATION: Record<Shell, { now: string; always: string }> = {
  bash: {
    now: 'source <(remora completion bash)',
    always: 'remora completion bash > ~/.local/share/bash-completion/completions/remora',
  },
  zsh: {
    now: 'source <(remora completion zsh)',
    always: 'remora completion zsh > "$fpath[1]/_remora"',
  },
  fish: {
    now: 'remora completion fish | source',
    always: 'remora completion fish > ~/.config/fish/completions/remora.fish',
  },
};

/** Text of a script. `${` is written `\\${` here; every other backslash is the script's own. */
function shell(text: TemplateStringsArray): string {
  return String.raw(text).replaceAll('\\${', '${');
}

/**
 * Bash splits words at `=` and `:` too; what stands together on the line is put together again. Bash 3.2 (macOS)
 * has no compopt: there a space follows every word, and nothing else is lost.
 */
const BASH = shell`# bash completion for remora
_remora() {
  local words=() line=$COMP_LINE rest word i
  for ((i = 0; i <= COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    rest=\${line#"\${line%%[![:space:]]*}"}
    if ((i > 0)) && [[ $rest == "$line" ]]; then
      words[\${#words[@]} - 1]+=$word
    else
      words+=("$word")
    fi
    line=\${rest#"$word"}
  done
  local current=\${words[\${#words[@]} - 1]} part=\${COMP_WORDS[COMP_CWORD]}
  [[ $part == [=:] ]] && part=
  local before=\${current%"$part"}

  local out directive value
  out=$("\${words[0]/#\~/$HOME}" __complete -- "\${words[@]:1}" 2>/dev/null) || return 0
  directive=\${out##*:}
  COMPREPLY=()
  while IFS=$'\t' read -r value _; do
    [[ -n $value && $value != :* ]] || continue
    printf -v value %q "\${value#"$before"}"
    COMPREPLY+=("$value")
  done <<<"$out"
  if ((directive & 2)); then compopt -o nospace 2>/dev/null; fi
  if ((directive & 4)); then compopt +o default +o bashdefault 2>/dev/null; fi
  if ((directive & 16)); then compopt -o dirnames +o default 2>/dev/null; fi
  return 0
}
complete -o default -F _remora remora
`;

const ZSH = shell`#compdef remora
# zsh completion for remora
_remora() {
  local out line value directive
  local -a described
  out=$("\${(Q)words[1]}" __complete -- "\${(@Q)words[2,CURRENT]}" 2>/dev/null) || return 1
  for line in "\${(@f)out}"; do
    case $line in
      :*) directive=\${line#:} ;;
      *$'\t'*)
        value=\${line%%$'\t'*}
        described+=("\${value//:/\\:}:\${line#*$'\t'}") ;;
      ?*) described+=("\${line//:/\\:}") ;;
    esac
  done
  local -a how
  if ((directive & 2)); then how=(-S ''); fi
  if ((\${#described})); then
    _describe -V remora described "\${how[@]}"
  elif ((directive & 16)); then
    compset -P '--*='
    _files -/
  elif ((!(directive & 4))); then
    compset -P '(--*=|*=)'
    _files
  fi
}
if [[ $funcstack[1] == _remora ]]; then _remora "$@"; else compdef _remora remora; fi
`;

const FISH = shell`# fish completion for remora
function __remora_complete
  set -l words (commandline --tokenize --cut-at-cursor --current-process)
  set -l current (commandline --cut-at-cursor --current-token)
  set -l program $words[1]
  set -e words[1]
  set -l lines (command $program __complete -- $words $current 2>/dev/null)
  or return
  set -l directive (string replace : '' -- $lines[-1])
  set -e lines[-1]
  if test (count $lines) -gt 0
    printf '%s\n' $lines
  else if test (math "bitand($directive, 16)") -ne 0
    __fish_complete_directories $current
  else if test (math "bitand($directive, 4)") -eq 0
    __fish_complete_path $current
  end
end
complete --command remora --no-files --keep-order --arguments '(__remora_complete)'
`;
