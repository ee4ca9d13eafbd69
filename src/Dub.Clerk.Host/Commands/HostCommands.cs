using System.CommandLine;
using Dub.Clerk.Host.Commands.Example;

namespace Dub.Clerk.Host.Commands;

/// <summary>Everything a person can type.</summary>
internal static class HostCommands
{
    public static RootCommand Create()
    {
        var commands = new RootCommand("Turns Clerk sign-ups into Dub leads: webhooks, short links and a Dub-compatible API.")
        {
            ServeCommand.Create(),
            DemoCommand.Create(),
            OutboxCommand.Create(),
            ReconcileCommand.Create(),
            MoveCommand.Create(),
            DoctorCommand.Create(),
            PersonalDataCommands.CreateExport(),
            PersonalDataCommands.CreateErase(),
            DubStandInCommand.Create(),
            ExampleCommand.Create(),
            ClerkStandInCommand.Create(),
        };
        ServeCommand.MakeDefault(commands);
        HelpWithExamples.Use(commands);
        return commands;
    }

    /// <returns>One of <see cref="ExitCode"/>.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var parsed = Create().Parse(args);
        var exitCode = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? ExitCode.Misused : exitCode;
    }
}
