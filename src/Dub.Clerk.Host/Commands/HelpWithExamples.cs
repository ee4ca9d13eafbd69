using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace Dub.Clerk.Host.Commands;

/// <summary>What <c>--help</c> says after System.CommandLine's own: examples, and what the exit codes mean.</summary>
internal sealed class HelpWithExamples(HelpAction inner) : SynchronousCommandLineAction
{
    public static void Use(RootCommand root)
    {
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpWithExamples((HelpAction)help.Action!);
    }

    public override int Invoke(ParseResult parseResult)
    {
        inner.Invoke(parseResult);
        var output = parseResult.InvocationConfiguration.Output;
        if (parseResult.CommandResult.Command is CommandWithExamples { Examples: { Count: > 0 } examples })
        {
            output.WriteLine("Examples:");
            foreach (var example in examples)
            {
                output.WriteLine($"  {RootCommand.ExecutableName} {example}");
            }

            output.WriteLine();
        }

        output.WriteLine("Exit codes:");
        output.WriteLine($"  {ExitCode.Done}  done, and all is well");
        output.WriteLine($"  {ExitCode.Failed}  it failed, or found something that is not as it should be");
        output.WriteLine($"  {ExitCode.Misused}  wrong arguments or settings: nothing was done");
        return ExitCode.Done;
    }
}
