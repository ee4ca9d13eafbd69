using System.CommandLine;

namespace Dub.Clerk.Host.Commands;

/// <summary>A command whose <c>--help</c> ends with examples.</summary>
/// <param name="name">What a person types.</param>
/// <param name="description">What it does, in a sentence or two.</param>
/// <param name="examples">Each as it is typed after the program's name.</param>
internal sealed class CommandWithExamples(string name, string description, params IReadOnlyList<string> examples) : Command(name, description)
{
    public IReadOnlyList<string> Examples { get; } = examples;
}
