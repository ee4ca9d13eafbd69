using System.CommandLine;
using System.CommandLine.Help;
using System.Globalization;
using System.Text;
using Dub.Clerk.Host.Commands;
using Dub.Clerk.Testing;

namespace Dub.Clerk.Host.Tests.Commands;

/// <summary>What <c>--help</c> says of every command, as a text that a reviewer reads.</summary>
public sealed class HelpTests
{
    private static readonly (string Path, Command Command)[] Commands = [.. Walk(string.Empty, HostCommands.Create())];

    [Fact]
    public void Help_IsAsApproved()
    {
        var actual = string.Concat(Commands.Select(command => $"$ {RootCommand.ExecutableName} {command.Path}--help\n{Help(command.Path)}\n"))
            .Replace(RootCommand.ExecutableName, "Dub.Clerk.Host", StringComparison.Ordinal);

        var difference = Snapshot.Differs("tests/Dub.Clerk.Host.Tests/Commands/help.txt", actual);
        Assert.True(difference is null, $"What --help says has changed. {difference}.");
    }

    [Fact]
    public void EveryCommandArgumentAndOption_SaysInSentencesWhatItIs()
        => Assert.All(
            Commands.SelectMany(command => command.Command.Options.Cast<Symbol>().Concat(command.Command.Arguments).Append(command.Command)).Where(symbol => symbol is not (HelpOption or VersionOption)),
            symbol => Assert.Matches("^\\w.*([.…]|:…)$", symbol.Description!));

    [Fact]
    public void EveryOptionWithoutADefault_SaysWhatHappensWithoutIt()
        => Assert.All(
            Commands.SelectMany(command => command.Command.Options).Where(option => option is not (HelpOption or VersionOption) && !option.HasDefaultValue && option.ValueType != typeof(bool)),
            option => Assert.Contains("Default: ", option.Description!, StringComparison.Ordinal));

    [Theory]
    [InlineData(0, "--version")]
    [InlineData(0, "outbox", "--help")]
    [InlineData(2, "outbox", "show")]
    [InlineData(2, "dub-stand-in", "--port", "many")]
    [InlineData(2, "outbox", "--host", "nowhere", "--api-key", "dub_x")]
    public async Task ExitCode_SaysWhetherItWasCalledAsItMustBe(int expected, params string[] words)
        => Assert.Equal(expected, await HostCommands.RunAsync(words));

    private static string Help(string path)
    {
        var commands = HostCommands.Create();
        using var output = new StringWriter(new StringBuilder(), CultureInfo.InvariantCulture);
        Assert.Equal(0, commands.Parse(path + "--help").Invoke(new InvocationConfiguration { Output = output }));
        return output.ToString().ReplaceLineEndings("\n");
    }

    private static IEnumerable<(string Path, Command Command)> Walk(string path, Command command)
        => command.Subcommands.SelectMany(subcommand => Walk($"{path}{subcommand.Name} ", subcommand)).Prepend((path, command));
}
