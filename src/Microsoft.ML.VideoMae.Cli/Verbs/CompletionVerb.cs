// Licensed to the Microsoft.ML.VideoMae contributors under one or more agreements.
// The contributors license this file to you under the MIT license.
// See the LICENSE file in the project root for more information.

using System;
using System.CommandLine;

namespace VideoMaeCli.Verbs;

/// <summary><c>videomae completion</c>: scripts with which shells complete verbs and options.</summary>
internal static class CompletionVerb
{
    private const string Bash = """
        _videomae() {
          local IFS=$'\n'
          COMPREPLY=($(compgen -W "$(videomae "[suggest:$COMP_POINT]" "$COMP_LINE" 2>/dev/null)" -- "${COMP_WORDS[COMP_CWORD]}"))
        }
        complete -o default -F _videomae videomae
        """;

    private const string Zsh = $"""
        autoload -U +X bashcompinit && bashcompinit
        {Bash}
        """;

    private const string Fish = """
        complete -c videomae -a '(set -l line (commandline -cp); videomae "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null)'
        """;

    private const string PowerShell = """
        Register-ArgumentCompleter -Native -CommandName videomae -ScriptBlock {
          param($word, $line, $position)
          videomae "[suggest:$position]" "$line" 2>$null | ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
        }
        """;

    public static Command Create()
    {
        var shell = new Argument<string>("shell") { Description = "bash, zsh, fish or pwsh." };
        shell.AcceptOnlyFromAmong("bash", "zsh", "fish", "pwsh");
        var command = new Command("completion", """
            Prints the script with which a shell completes verbs and options.

            Example:
              videomae completion bash >> ~/.bashrc
            """)
        {
            shell,
        };
        command.SetAction(result =>
        {
            Console.WriteLine(result.GetValue(shell) switch
            {
                "bash" => Bash,
                "zsh" => Zsh,
                "fish" => Fish,
                _ => PowerShell,
            });
            return ExitCode.Done;
        });
        return command;
    }
}
