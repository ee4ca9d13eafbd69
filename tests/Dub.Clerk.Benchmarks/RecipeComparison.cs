using Dub.Clerk.Testing.Chaos;

namespace Dub.Clerk.Benchmarks;

/// <summary>The official recipe and Dub.Clerk with the same people, the same stand-ins and the same faults.</summary>
internal static class RecipeComparison
{
    public static async Task RunAsync(int signUps, int seed)
    {
        var recipe = await OfficialRecipe.RunAsync(signUps, seed);
        var ours = await ChaosRun.RunAsync(signUps, seed, atMost: TimeSpan.FromHours(2), Console.WriteLine);
        Console.WriteLine($"{ours.Report}\n\n{Tally.Header}\n{recipe.Row("official recipe")}\n{ours.Tally.Row("Dub.Clerk")}");
    }
}
