"""Own models are enhance types of the service of this computer, and of no other."""

from __future__ import annotations

from enhance_gui.core.services.entry import server_values
from enhance_gui.core.services.own_models import OwnModel, models_folder, write_models
from enhance_gui.storage.folders import user_folders
from enhance_gui.storage.profiles.profile_files import local_profile


def test_those_that_can_be_used_come_last_and_stay_on_this_computer() -> None:
    folder = models_folder(user_folders().service_data)
    folder.mkdir(parents=True)
    good = OwnModel(4711, "sharp", ("sharp.onnx",), factor=2)
    bad = OwnModel(4712, "half", ("half.param",), problem="half.bin is missing beside it")
    write_models(folder, [good, bad])
    profile = local_profile()
    assert [type_.id for type_ in profile.enhance_types][-1] == 4711
    assert 4712 not in [type_.id for type_ in profile.enhance_types]
    elsewhere = [value["id"] for value in server_values(profile)["enhance_types"]]
    assert elsewhere[0] == 2
    assert 4711 not in elsewhere


def test_a_server_of_ones_own_bears_the_pace_of_this_computers_service() -> None:
    assert server_values(local_profile())["requests_per_s"] == local_profile().requests_per_s == 20
